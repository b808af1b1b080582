/** Office formats where there is one, else what everybody can open. */
const usual = [
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  "application/vnd.openxmlformats-officedocument.presentationml.presentation",
  "application/pdf",
  "image/png",
];

/** What a document becomes that can be turned into `offered`, where `wanted` is wanted, most wanted first. */
export const chooseExport = (offered: readonly string[], wanted: readonly string[]): string | undefined =>
  (wanted.length > 0 ? wanted : usual).find((type) => offered.includes(type));
