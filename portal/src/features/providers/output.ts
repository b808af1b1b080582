import { type Draft, draftAt, pairsAt, put, textAt } from "./draft.ts";

/** What an action makes of an answer: all of it, one value, or several under names. */
export type OutputKind = "whole" | "one" | "named";

export const outputKind = ({ output }: Draft): OutputKind =>
  output === undefined ? "whole" : typeof output === "string" ? "one" : "named";

/** The output as another kind, with what was chosen before taken along. */
export function asKind(action: Draft, kind: OutputKind): Draft {
  if (kind === outputKind(action)) return action;
  const { output: _, ...others } = action;
  if (kind === "whole") return others;
  const named = Object.entries(pairsAt(action, "output"));
  if (kind === "one") return { ...others, output: named[0]?.[1] ?? "$" };
  const one = textAt(action, "output");
  return { ...others, output: one === "" ? {} : { [nameFor(one, [])]: one } };
}

/** The path of a value of the answer, as the output has it: of a listing it begins at one item. */
export function pathInOutput(action: Draft, picked: string): string {
  const items = textAt(draftAt(action, "pagination"), "items").replace(/\[\*\]$/, "");
  if (items === "" || !picked.startsWith(`${items}[`)) return picked;
  return picked.slice(items.length).replace(/^\[\d+\]/, "$");
}

/** The action with a value of its answer in the output: beside the others where they have names, else instead. */
export function withPicked(action: Draft, picked: string): Draft {
  const path = pathInOutput(action, picked);
  if (outputKind(action) !== "named") return put(action, "output", path);
  const pairs = pairsAt(action, "output");
  return put(action, "output", { ...pairs, [nameFor(path, Object.keys(pairs))]: path });
}

export const isPicked = (action: Draft, picked: string): boolean =>
  pathsOf(action).includes(pathInOutput(action, picked));

/** The JSONPaths of the output. */
export function pathsOf(action: Draft): string[] {
  const one = textAt(action, "output");
  return one === "" ? Object.values(pairsAt(action, "output")) : [one];
}

/** The same paths with every entry of the lists in them: `$.items[0].id` is `$.items[*].id`. */
export function ofEveryEntry(action: Draft): Draft {
  const every = (path: string) => path.replace(/\[\d+\]/g, "[*]");
  const pairs = Object.entries(pairsAt(action, "output")).map(([name, path]) => [name, every(path)]);
  return put(
    action,
    "output",
    outputKind(action) === "one" ? every(textAt(action, "output")) : Object.fromEntries(pairs),
  );
}

export const hasOneEntry = (action: Draft): boolean => pathsOf(action).some((path) => /\[\d+\]/.test(path));

/** `$.user.name` is called "name", and "name_2" where that is taken. */
function nameFor(path: string, taken: readonly string[]): string {
  const name = path.match(/[A-Za-z_]\w*/g)?.at(-1) ?? "value";
  let free = name;
  for (let number = 2; taken.includes(free); number++) free = `${name}_${number}`;
  return free;
}
