/** Documents that a source keeps without bytes of their own, and what they are turned into on their way. */

const office = "application/vnd.openxmlformats-officedocument";
const open = "application/vnd.oasis.opendocument";

/** What people call a type, with the ending of its files. */
const typeNames: Readonly<Record<string, string>> = {
  [`${office}.wordprocessingml.document`]: "Word",
  [`${office}.spreadsheetml.sheet`]: "Excel",
  [`${office}.presentationml.presentation`]: "PowerPoint",
  [`${open}.text`]: "OpenDocument text",
  [`${open}.spreadsheet`]: "OpenDocument sheet",
  "application/x-vnd.oasis.opendocument.spreadsheet": "OpenDocument sheet",
  [`${open}.presentation`]: "OpenDocument slides",
  "application/pdf": "PDF",
  "text/plain": "plain text",
  "text/csv": "CSV",
  "text/tab-separated-values": "TSV",
  "text/markdown": "Markdown",
  "text/html": "HTML",
  "application/zip": "ZIP",
  "application/rtf": "RTF",
  "application/epub+zip": "EPUB",
  "image/png": "PNG",
  "image/jpeg": "JPEG",
  "image/svg+xml": "SVG",
  "application/vnd.google-apps.script+json": "JSON",
};

export const typeName = (mediaType: string): string => typeNames[mediaType] ?? mediaType;

/** "document", "spreadsheet": the last word of the type that the source gives its own documents. */
export function documentWord(mediaType: string, count: number): string {
  const word = mediaType.split(/[./]/).at(-1)?.replaceAll("-", " ");
  const known = word && /^[a-z ]+$/.test(word) ? word : "document";
  return count === 1 ? known : `${known}s`;
}

const officeTypes = [
  `${office}.wordprocessingml.document`,
  `${office}.spreadsheetml.sheet`,
  `${office}.presentationml.presentation`,
];
const drawings = ["image/png", "image/svg+xml"];

/** The orders of preference that people ask for. None at all leaves it to Hawser, which takes the office formats. */
export const exportChoices = [
  {
    key: "usual",
    title: "Word, Excel and PowerPoint",
    detail: "Can be edited further in any office program; drawings become pictures or PDF.",
    exports: [] as string[],
  },
  {
    key: "pdf",
    title: "PDF",
    detail: "Looks the same everywhere; what cannot become a PDF takes its office format.",
    exports: ["application/pdf", ...officeTypes, ...drawings],
  },
  {
    key: "open",
    title: "OpenDocument",
    detail: "For LibreOffice and archives; what has no such form takes its office format.",
    exports: [
      `${open}.text`,
      `${open}.spreadsheet`,
      "application/x-vnd.oasis.opendocument.spreadsheet",
      `${open}.presentation`,
      ...officeTypes,
      "application/pdf",
      ...drawings,
    ],
  },
  {
    key: "text",
    title: "Text and CSV",
    detail: "For programs that read them: Markdown or plain text, and the first sheet of a spreadsheet as CSV.",
    exports: ["text/markdown", "text/plain", "text/csv", "application/pdf", ...officeTypes, ...drawings],
  },
] as const;

export type ExportKey = (typeof exportChoices)[number]["key"] | "own";

/** Which of the choices a sync has; one that was made by a program may be none of them. */
export function exportKeyOf(exports: readonly string[]): ExportKey {
  return exportChoices.find((one) => one.exports.join() === exports.join())?.key ?? "own";
}
