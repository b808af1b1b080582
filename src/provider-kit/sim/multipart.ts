/** Reads a form as it came over the wire: a receiver checks the exact bytes and the order of the parts. */
export interface Part {
  name: string;
  filename?: string;
  bytes: Uint8Array;
}

/** Nothing where it is no form, or breaks off. */
export function readForm(body: Uint8Array, contentType: string): Part[] | undefined {
  const boundary = /^multipart\/form-data;\s*boundary="?([^";]{1,70})"?$/i.exec(contentType)?.[1];
  if (boundary === undefined) return undefined;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const mark = Buffer.from(`--${boundary}`);
  const parts: Part[] = [];
  let at = bytes.indexOf(mark);
  for (;;) {
    if (at < 0) return undefined;
    const begin = at + mark.length;
    if (bytes.subarray(begin, begin + 2).toString() === "--") return parts;
    const end = bytes.indexOf(`\r\n--${boundary}`, begin);
    const body = bytes.indexOf("\r\n\r\n", begin);
    if (end < 0 || body < 0 || body > end) return undefined;
    const head = bytes.subarray(begin, body).toString();
    const name = /[\s;]name="([^"\r\n]*)"/i.exec(head)?.[1];
    if (name === undefined) return undefined;
    const filename = /[\s;]filename="([^"\r\n]*)"/i.exec(head)?.[1];
    parts.push({
      name,
      ...(filename !== undefined && { filename: unescaped(filename) }),
      bytes: bytes.subarray(body + 4, end),
    });
    at = end + 2;
  }
}

const unescaped = (text: string): string => text.replaceAll("%22", '"').replaceAll("%0D", "\r").replaceAll("%0A", "\n");
