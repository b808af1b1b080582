import type { FieldError } from "../../lib/api.ts";
import { type Draft, draftsAt, textAt } from "./draft.ts";

/** The parts of the editor; `action-3` for the fourth action. */
export type Part = "basics" | "sign-in" | "json" | "settings" | `action-${number}`;

const inBasics = /^\/(name|definition\/(display_name|description|base_url|variables|headers|check)(\/|$))/;
const inAction = /^\/definition\/actions\/(\d+)(\/|$)/;

/** The part that has the field of a refused setting. What no form shows stands in the JSON. */
export function partOf(pointer: string): Part {
  const action = inAction.exec(pointer)?.[1];
  if (action !== undefined) return `action-${Number(action)}`;
  if (inBasics.test(pointer)) return "basics";
  return pointer.startsWith("/definition/auth") ? "sign-in" : "json";
}

/** How many settings are refused, by part. */
export function refusedBy(errors: readonly FieldError[]): ReadonlyMap<Part, number> {
  const counts = new Map<Part, number>();
  for (const { pointer } of errors) counts.set(partOf(pointer), (counts.get(partOf(pointer)) ?? 0) + 1);
  return counts;
}

/** Where a refused setting is, in words: `Get an item, path`. */
export function placeOf(pointer: string, draft: Draft): string {
  const [, at, setting] = /^\/definition\/actions\/(\d+)(?:\/(.*))?$/.exec(pointer) ?? [];
  if (at === undefined) return sentenceCase(words(pointer.replace(/^\/(definition\/)?/, "")));
  const action = draftsAt(draft, "actions")[Number(at)];
  const name = (action && (textAt(action, "name") || textAt(action, "key"))) || `Action ${Number(at) + 1}`;
  return setting ? `${name}, ${setting === "name" ? "title" : words(setting)}` : name;
}

const labels: Readonly<Record<string, string>> = {
  display_name: "title",
  base_url: "base address",
  "check/path": "path of the test",
};
const words = (path: string): string => labels[path] ?? path.replaceAll("_", " ").replaceAll("/", ", ");
const sentenceCase = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** What nobody has to ask the server for. */
export function lackingIn({ name, definition }: { name: string; definition: Draft }): FieldError[] {
  const lack = (isThere: boolean, pointer: string, detail: string) =>
    isThere ? [] : [{ pointer, code: "required", detail }];
  const has = (draft: Draft, member: string) => textAt(draft, member).trim() !== "";
  return [
    ...lack(has(definition, "display_name"), "/definition/display_name", "Give it a title."),
    ...lack(name !== "", "/name", "Give it a name."),
    ...lack(has(definition, "base_url"), "/definition/base_url", "Give the address of the API."),
    ...draftsAt(definition, "actions").flatMap((action, at) => [
      ...lack(has(action, "name"), `/definition/actions/${at}/name`, "Give the action a title."),
      ...lack(has(action, "key"), `/definition/actions/${at}/key`, "Give the action a key, such as list_invoices."),
    ]),
  ];
}

/** Refusals whose values have not been changed since they were sent. */
export function stillRefused(errors: readonly FieldError[], sent: unknown, now: unknown): FieldError[] {
  return errors.filter(({ pointer }) => valueAt(sent, pointer) === valueAt(now, pointer));
}

function valueAt(value: unknown, pointer: string): unknown {
  let found = value;
  for (const part of pointer.split("/").slice(1)) {
    if (typeof found !== "object" || found === null) return undefined;
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    found = Object.entries(found).find(([name]) => name === key)?.[1];
  }
  return found;
}
