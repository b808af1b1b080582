// What no part of a definition can see by itself: names that nobody declares, and things that are said twice.
import type { Kept } from "#core/token-answer.ts";
import type { Auth } from "../auth.ts";
import { signInUrls } from "../sign-in-urls.ts";
import type { ActionDefinition } from "./action-shape.ts";
import { originPattern, placeholdersIn, readAddress } from "./address.ts";
import type { Variable } from "./variables.ts";

export interface Contradiction {
  readonly at: readonly (string | number)[];
  readonly message: string;
}

interface Parts {
  readonly base_url: string;
  readonly more_addresses: readonly string[];
  readonly variables: readonly Variable[];
  readonly auth: readonly Auth[];
  readonly headers: Readonly<Record<string, string>>;
  readonly lookups: readonly { readonly url: string; readonly keep: readonly KeptName[] }[];
  readonly check?: { readonly path: string };
  readonly actions: readonly ActionDefinition[];
}

interface KeptName {
  readonly name: string;
  readonly pattern: string;
}

interface Names {
  /** Variables that always have a value. */
  readonly variables: ReadonlySet<string>;
  readonly optional: ReadonlySet<string>;
  /** Variables with a list of values. */
  readonly listed: ReadonlySet<string>;
  /** What the provider tells, with its pattern. */
  readonly kept: ReadonlyMap<string, string>;
}

export function contradictionsIn(definition: Parts): Contradiction[] {
  const names = namesOf(definition);
  return [
    ...repeated(
      ["variables"],
      definition.variables.map(({ name }) => name),
    ),
    ...repeated(
      ["auth"],
      definition.auth.map(({ type }) => type),
    ),
    ...repeated(
      ["actions"],
      definition.actions.map(({ key }) => key),
    ),
    ...repeatedHeaders(["headers"], definition.headers),
    ...keptAsVariables(definition, names),
    ...addresses(definition, names),
    ...definition.auth.flatMap((auth, at) => signIn(auth, ["auth", at], names)),
    ...lookups(definition, names),
    ...(definition.check ? pathNames(definition.check.path, ["check", "path"], new Set(), names) : []),
    ...definition.actions.flatMap((action, at) => actionNames(action, ["actions", at], names)),
  ];
}

const keptIn = (auth: Auth): readonly KeptName[] => [
  ...("keepFromCallback" in auth ? (auth.keepFromCallback ?? []) : []),
  ...("keepFromAnswer" in auth ? (auth.keepFromAnswer ?? []) : []),
];

function namesOf({ variables, auth, lookups }: Parts): Names {
  const isSure = ({ optional, default: usual }: Variable) => !optional || usual !== undefined;
  const kept = [...auth.flatMap(keptIn), ...lookups.flatMap(({ keep }) => keep)];
  return {
    variables: new Set(variables.filter(isSure).map(({ name }) => name)),
    optional: new Set(variables.filter((variable) => !isSure(variable)).map(({ name }) => name)),
    listed: new Set(variables.filter((variable) => variable.enum).map(({ name }) => name)),
    kept: new Map(kept.map(({ name, pattern }) => [name, pattern])),
  };
}

function* repeated(at: Contradiction["at"], values: readonly string[]): Iterable<Contradiction> {
  const seen = new Set<string>();
  for (const [index, value] of values.entries()) {
    if (seen.has(value)) yield { at: [...at, index], message: `"${value}" is there twice.` };
    seen.add(value);
  }
}

function* repeatedHeaders(at: Contradiction["at"], headers: Readonly<Record<string, string>>): Iterable<Contradiction> {
  const seen = new Set<string>();
  for (const name of Object.keys(headers)) {
    if (seen.has(name.toLowerCase())) yield { at: [...at, name], message: "This header is there twice." };
    seen.add(name.toLowerCase());
  }
}

const keptAsVariables = ({ variables }: Parts, { kept }: Names): Contradiction[] =>
  variables.flatMap(({ name }, at) =>
    kept.has(name) ? [{ at: ["variables", at, "name"], message: "A value that the provider tells is called so." }] : [],
  );

function addresses(definition: Parts, names: Names): Contradiction[] {
  return [
    ...address(definition.base_url, ["base_url"], names),
    ...definition.more_addresses.flatMap((url, at) => [
      ...address(url, ["more_addresses", at], names),
      ...(/^https?:\/\/[^/?]+\/?$/i.test(url)
        ? []
        : [{ at: ["more_addresses", at], message: "This is a scheme and a host, such as https://files.example.com." }]),
    ]),
  ];
}

function address(url: string, at: Contradiction["at"], names: Names): Contradiction[] {
  try {
    const { origin } = readAddress(url, names.listed);
    const unknown = unknownNames(placeholdersIn(url), names);
    if (unknown !== undefined) return [{ at, message: unknown }];
    if ("whole" in origin && !/^\^?https:\/\//.test(names.kept.get(origin.whole) ?? "")) {
      return [
        {
          at,
          message: `Only what the provider tells can be a whole address, with a pattern that begins with https://. Write https://{${origin.whole}} for a host.`,
        },
      ];
    }
    return [];
  } catch (error) {
    return [{ at, message: error instanceof Error ? error.message : "This is not an address." }];
  }
}

function unknownNames(used: readonly string[], names: Names, own: ReadonlySet<string> = new Set()): string | undefined {
  const wrong = used.find((name) => !own.has(name) && !names.variables.has(name) && !names.kept.has(name));
  if (wrong === undefined) return undefined;
  return names.optional.has(wrong)
    ? `{${wrong}} is optional, and nothing could stand here without it. Give it a default.`
    : `{${wrong}} is neither a variable nor told by the provider.`;
}

/** Values that are kept stand in addresses and are no secrets to anybody: no token may be one of them. */
function keptSecrets(auth: Auth, at: Contradiction["at"]): Contradiction[] {
  const places = "answer" in auth ? auth.answer : undefined;
  const inAnswer = ["id_token", places?.accessToken ?? "access_token", places?.refreshToken ?? "refresh_token"];
  const inCallback = ["state", "codeParam" in auth && auth.codeParam !== undefined ? auth.codeParam : "code"];
  const refuse = (list: readonly Kept[] | undefined, secret: readonly string[], name: string) =>
    (list ?? []).flatMap(({ from }, index) =>
      secret.includes(from)
        ? [{ at: [...at, name, index, "from"], message: "This is a secret, which is kept as one and nowhere else." }]
        : [],
    );
  return [
    ...("keepFromAnswer" in auth ? refuse(auth.keepFromAnswer, inAnswer, "keep_from_answer") : []),
    ...("keepFromCallback" in auth ? refuse(auth.keepFromCallback, inCallback, "keep_from_callback") : []),
  ];
}

function signIn(auth: Auth, at: Contradiction["at"], names: Names): Contradiction[] {
  // What the provider tells is told by signing in: it cannot be known before.
  const found = [
    ...signInUrls(auth).flatMap((url) => address(url, at, { ...names, kept: new Map() })),
    ...keptSecrets(auth, at),
  ];
  if (auth.type !== "two_step") return found;
  const fields = new Set(auth.fields.map(({ name }) => name));
  const texts = [...Object.entries(auth.login.params), ...Object.entries(auth.login.headers ?? {})];
  return [
    ...found,
    ...repeated(
      [...at, "fields"],
      auth.fields.map(({ name }) => name),
    ),
    ...auth.fields.flatMap(({ name }, index) =>
      names.variables.has(name) || names.optional.has(name) || names.kept.has(name)
        ? [{ at: [...at, "fields", index], message: "A variable is called so." }]
        : [],
    ),
    ...texts.flatMap(([name, text]) => {
      const unknown = unknownNames(placeholdersIn(text), names, fields);
      return unknown === undefined ? [] : [{ at: [...at, "login", "params", name], message: unknown }];
    }),
  ];
}

function lookups(definition: Parts, names: Names): Contradiction[] {
  const known = [definition.base_url, ...definition.more_addresses].map(originPattern);
  return definition.lookups.flatMap(({ url }, index) => {
    const at = ["lookups", index, "url"];
    if (url.startsWith("/")) return pathNames(url.split("?", 1)[0] ?? "", at, new Set(), names);
    const wrong = address(url, at, names);
    if (wrong.length > 0 || known.includes(originPattern(url))) return wrong;
    return [{ at, message: "This address is neither the base address nor one of more_addresses." }];
  });
}

function pathNames(path: string, at: Contradiction["at"], own: ReadonlySet<string>, names: Names): Contradiction[] {
  const unknown = unknownNames(placeholdersIn(path), names, own);
  return unknown === undefined ? [] : [{ at, message: unknown }];
}

function actionNames(action: ActionDefinition, at: Contradiction["at"], names: Names): Contradiction[] {
  const own = new Set(action.parameters.filter((one) => one.in === "path").map(({ name }) => name));
  return [
    ...pathNames(action.path, [...at, "path"], own, names),
    ...repeatedHeaders([...at, "headers"], action.headers ?? {}),
  ];
}
