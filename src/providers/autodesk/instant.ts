/** Autodesk's times: `…22.000Z`, with up to seven digits of fraction, `…22+00:00` from searches, `+0000` from webhooks. */
const shape = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)$/;

export function instantOf(text: string): Date | undefined {
  const [, whole, fraction = "0", zone] = shape.exec(text) ?? [];
  if (whole === undefined || zone === undefined) return undefined;
  const offset = zone === "Z" ? zone : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
  const seconds = Date.parse(`${whole}${offset}`);
  return Number.isNaN(seconds) ? undefined : new Date(seconds + Math.floor(Number(`0.${fraction}`) * 1000));
}

/** The same text for the same moment, however it was written, and as exact as it was told. */
export function canonical(text: string): string | undefined {
  const at = instantOf(text);
  if (!at) return undefined;
  const fraction = shape.exec(text)?.[2] ?? "";
  return `${at.toISOString().slice(0, 19)}.${fraction.padEnd(7, "0")}Z`;
}
