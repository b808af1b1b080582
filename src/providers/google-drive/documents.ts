import type { Unreadable } from "#provider-kit/provider.ts";

const google = (name: string) => `application/vnd.google-apps.${name}`;
const office = (name: string) => `application/vnd.openxmlformats-officedocument.${name}`;
const open = (name: string) => `application/vnd.oasis.opendocument.${name}`;

export const FOLDER = google("folder");

/** What Google turns its own documents into, the most useful first. It tells the same by `about.exportFormats`. */
const exportsOf: Readonly<Record<string, readonly string[]>> = {
  [google("document")]: [
    office("wordprocessingml.document"),
    "application/pdf",
    open("text"),
    "application/rtf",
    "text/plain",
    "text/markdown",
    "text/html",
    "application/epub+zip",
    "application/zip",
  ],
  [google("spreadsheet")]: [
    office("spreadsheetml.sheet"),
    "application/pdf",
    open("spreadsheet"),
    // Of these two, Google gives the first sheet only.
    "text/csv",
    "text/tab-separated-values",
    "application/zip",
  ],
  [google("presentation")]: [
    office("presentationml.presentation"),
    "application/pdf",
    open("presentation"),
    "text/plain",
  ],
  [google("drawing")]: ["application/pdf", "image/svg+xml", "image/png", "image/jpeg"],
  [google("script")]: ["application/vnd.google-apps.script+json"],
  [google("jam")]: ["application/pdf"],
};

/** What can be had of a file of this type: its bytes, these formats, or nothing. */
export function readingOf(
  mimeType: string,
  hasBytes: boolean,
): { exports: readonly string[]; unreadable?: Unreadable | undefined } {
  if (mimeType === google("shortcut") || mimeType.startsWith(google("drive-sdk."))) {
    return { exports: [], unreadable: "shortcut" };
  }
  const exports = Object.hasOwn(exportsOf, mimeType) ? exportsOf[mimeType] : undefined;
  if (exports) return { exports };
  // Forms, sites, maps, videos, and whatever Google thinks of next. Some old uploads have a type of Google's, and bytes.
  return mimeType.startsWith(google("")) && !hasBytes ? { exports: [], unreadable: "not_exportable" } : { exports: [] };
}
