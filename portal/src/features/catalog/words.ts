import type { SignIn } from "../../lib/contract.ts";

const categories: Record<string, string> = {
  files: "Files",
  publishing: "Publishing",
  processing: "Processing",
  custom: "Custom",
};
export const categoryWord = (category: string) => categories[category] ?? category;

const parts: Record<string, string> = {
  files: "Files",
  changes: "Change feed",
  store: "Stores files",
  actions: "Actions",
  publish: "Publishing",
  webhooks: "Webhooks",
};
export const partWord = (part: string) => parts[part] ?? part;

/** "Sign in at Google Drive, or service account key" */
export function signInWords([first, ...others]: readonly SignIn[]): string {
  if (!first || first.type === "none") return "No sign-in";
  return [first.label, ...others.map(({ label }) => asLower(label))].join(", or ");
}

/** In the middle of a line; abbreviations stay as they are. */
const asLower = (label: string) =>
  /^\p{Lu}\p{Ll}/u.test(label) ? label.charAt(0).toLowerCase() + label.slice(1) : label;
