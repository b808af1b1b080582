/**
 * A custom provider's definition while it is edited: the JSON that the API takes. The forms know the usual settings;
 * whatever else stands in it is kept as it is, and can be edited as JSON.
 */
export type Draft = Readonly<Record<string, unknown>>;

export const newDefinition: Draft = {
  display_name: "",
  base_url: "",
  auth: [{ type: "bearer", label: "Access token" }],
  actions: [],
};

const isDraft = (value: unknown): value is Draft =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const textAt = (draft: Draft, key: string): string => {
  const value = draft[key];
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
};
export const flagAt = (draft: Draft, key: string, usual: boolean): boolean => {
  const value = draft[key];
  return typeof value === "boolean" ? value : usual;
};
export const draftAt = (draft: Draft, key: string): Draft => {
  const value = draft[key];
  return isDraft(value) ? value : {};
};
export const draftsAt = (draft: Draft, key: string): readonly Draft[] => {
  const value = draft[key];
  return Array.isArray(value) ? value.filter(isDraft) : [];
};
export const wordsAt = (draft: Draft, key: string): string[] => {
  const value = draft[key];
  return Array.isArray(value) ? value.filter((word) => typeof word === "string") : [];
};
export const pairsAt = (draft: Draft, key: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(draftAt(draft, key)).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
  );

/** The same with one member set; an empty one is left out, so that the server's default holds. */
export function put(draft: Draft, key: string, value: unknown): Draft {
  const isEmpty =
    value === undefined ||
    value === "" ||
    (Array.isArray(value) && value.length === 0) ||
    (isDraft(value) && Object.keys(value).length === 0);
  const { [key]: _, ...others } = draft;
  return isEmpty ? others : { ...draft, [key]: value };
}

export const replaceAt = (drafts: readonly Draft[], at: number, next: Draft | undefined): Draft[] =>
  drafts.flatMap((one, place) => (place === at ? (next ? [next] : []) : [one]));

/** A short name out of a title: "My own API" → "my-own-api". */
export const slugOf = (title: string): string =>
  title
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 63);

/** A key of an action out of its title: "List items" → "list_items". */
const keyOfTitle = (title: string): string =>
  slugOf(title)
    .replaceAll("-", "_")
    .replace(/^[^a-z]+/, "");

/** The action with another title; its key goes along until somebody writes one. */
export function withTitle(action: Draft, title: string): Draft {
  const followed = textAt(action, "key") === keyOfTitle(textAt(action, "name"));
  return { ...action, name: title, ...(followed && { key: keyOfTitle(title) }) };
}

/** What an action asks for. `in` says where it goes; `body` for what is no parameter. */
export interface ActionInput {
  name: string;
  in: "path" | "query" | "header" | "body";
  type: string;
  required: boolean;
  description: string;
}

/** The inputs of an action, read off its schema and its parameters. */
export function inputsOf(action: Draft): ActionInput[] {
  const schema = draftAt(action, "input");
  const required = wordsAt(schema, "required");
  const parameters = draftsAt(action, "parameters");
  return Object.entries(draftAt(schema, "properties")).map(([name, property]) => {
    const parameter = parameters.find((one) => (textAt(one, "input") || textAt(one, "name")) === name);
    const described = isDraft(property) ? property : {};
    const place = parameter ? textAt(parameter, "in") : "body";
    return {
      name,
      in: place === "path" || place === "query" || place === "header" ? place : "body",
      type: textAt(described, "type") || "string",
      required: required.includes(name),
      description: textAt(described, "description"),
    };
  });
}

/** The action with these inputs: its schema, its parameters and its body follow from them. */
export function withInputs(action: Draft, inputs: readonly ActionInput[]): Draft {
  const schema = draftAt(action, "input");
  const known = draftAt(schema, "properties");
  const before = draftsAt(action, "parameters");
  const properties = Object.fromEntries(
    inputs.map(({ name, type, description }) => [
      name,
      put({ ...draftAt(known, name), type }, "description", description),
    ]),
  );
  const parameters = inputs.flatMap((input) => {
    if (input.in === "body") return [];
    const old = before.find((one) => (textAt(one, "input") || textAt(one, "name")) === input.name);
    return [put({ name: input.name, ...old, in: input.in }, "required", input.required || undefined)];
  });
  const changed = put(
    put(action, "input", {
      type: "object",
      properties,
      ...(inputs.some(({ required }) => required) && {
        required: inputs.flatMap(({ name, required }) => (required ? [name] : [])),
      }),
      additionalProperties: false,
    }),
    "parameters",
    parameters,
  );
  const hasBody = inputs.some((input) => input.in === "body");
  if (!hasBody) return put(changed, "body", undefined);
  return "body" in changed ? changed : { ...changed, body: { kind: "json" } };
}

/** What stands in braces in a path is an input. New ones are added, those that are gone from the path go with it. */
export function withPath(action: Draft, path: string): Draft {
  const named = new Set([...path.matchAll(/\{([^{}/]+)\}/g)].map(([, name = ""]) => name));
  const inputs = inputsOf(action).filter((input) => input.in !== "path" || named.has(input.name));
  const missing = [...named].filter((name) => !inputs.some((input) => input.name === name));
  const added = missing.map(
    (name): ActionInput => ({ name, in: "path", type: "string", required: true, description: "" }),
  );
  return withInputs(put(action, "path", path), [...added, ...inputs]);
}
