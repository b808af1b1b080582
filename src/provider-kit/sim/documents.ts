import { crc32, deflateSync } from "node:zlib";

export type DocumentKind = "pdf" | "docx" | "png" | "txt" | "csv" | "xlsx";

/** Made once each and kept; there are few of them. */
const made = new Map<string, Uint8Array>();
const MOST_KEPT = 512;

/** A small document of this kind that opens in its program. The same seed gives the same bytes. */
export function documentBytes(kind: DocumentKind, seed: number): Uint8Array {
  const key = `${kind} ${seed}`;
  const known = made.get(key);
  if (known) return known;
  const bytes = makers[kind](seed);
  if (made.size >= MOST_KEPT) made.clear();
  made.set(key, bytes);
  return bytes;
}

const makers: Readonly<Record<DocumentKind, (seed: number) => Uint8Array>> = {
  pdf: makePdf,
  docx: (seed) => zip(docxParts(textOf(seed))),
  xlsx: (seed) => zip(xlsxParts(seed)),
  png: makePng,
  txt: (seed) => utf8(textOf(seed).join("\n\n")),
  csv: (seed) => utf8(["part,quantity", ...Array.from({ length: 40 }, (_, n) => `P-${seed}-${n},${n * 3}`)].join("\n")),
};

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

const sentences = [
  "Check the oil level before every start.",
  "The valve opens at 4.2 bar and closes at 3.9 bar.",
  "Drawings of the same revision replace earlier ones.",
  "Measured at the quay, with all tanks empty.",
  "Approved by the surveyor without remarks.",
  "Replace the filter after 500 hours.",
];

const textOf = (seed: number): string[] =>
  Array.from({ length: 4 + (seed % 9) }, (_, n) => `${n + 1}. ${sentences[(seed + n * 7) % sentences.length]}`);

/** PDF 1.4 (ISO 32000-1, 7.5): header, objects, cross-reference table, trailer. */
function makePdf(seed: number): Uint8Array {
  const lines = textOf(seed).map((line, n) => `1 0 0 1 60 ${760 - n * 22} Tm (${line}) Tj`);
  const stream = `BT /F1 12 Tf ${lines.join(" ")} ET`;
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 4 0 R >> >> /Contents 5 0 R >>",
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
  ];
  let text = `%PDF-1.4\n% ${seed}\n`;
  const offsets = objects.map((object, n) => {
    const offset = text.length;
    text += `${n + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const start = text.length;
  const entries = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries}`;
  text += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(text, "latin1");
}

/** PNG (RFC 2083): 64 × 64 points in one colour that comes from the seed, with a border. */
function makePng(seed: number): Uint8Array {
  const side = 64;
  const rows = Buffer.alloc(side * (1 + side * 3));
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const isBorder = x < 3 || y < 3 || x >= side - 3 || y >= side - 3;
      const at = y * (1 + side * 3) + 1 + x * 3;
      rows.set(isBorder ? [40, 50, 60] : [(seed * 53) % 256, (seed * 97) % 256, (seed * 29) % 256], at);
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const chunk = (type: string, data: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", new Uint8Array()),
  ]);
}

const xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const openXml = "http://schemas.openxmlformats.org";

const packageParts = (part: string, type: string): Record<string, string> => ({
  "[Content_Types].xml": `${xml}<Types xmlns="${openXml}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/${part}" ContentType="${type}"/></Types>`,
  "_rels/.rels": `${xml}<Relationships xmlns="${openXml}/package/2006/relationships"><Relationship Id="rId1" Type="${openXml}/officeDocument/2006/relationships/officeDocument" Target="${part}"/></Relationships>`,
});

const docxParts = (paragraphs: readonly string[]): Record<string, string> => ({
  ...packageParts(
    "word/document.xml",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
  ),
  "word/document.xml": `${xml}<w:document xmlns:w="${openXml}/wordprocessingml/2006/main"><w:body>${paragraphs
    .map((text) => `<w:p><w:r><w:t>${text}</w:t></w:r></w:p>`)
    .join("")}</w:body></w:document>`,
});

const xlsxParts = (seed: number): Record<string, string> => ({
  ...packageParts("xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"),
  "[Content_Types].xml": `${xml}<Types xmlns="${openXml}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`,
  "xl/_rels/workbook.xml.rels": `${xml}<Relationships xmlns="${openXml}/package/2006/relationships"><Relationship Id="rId1" Type="${openXml}/officeDocument/2006/relationships/worksheet" Target="sheet1.xml"/></Relationships>`,
  "xl/workbook.xml": `${xml}<workbook xmlns="${openXml}/spreadsheetml/2006/main" xmlns:r="${openXml}/officeDocument/2006/relationships"><sheets><sheet name="Parts" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  "xl/sheet1.xml": `${xml}<worksheet xmlns="${openXml}/spreadsheetml/2006/main"><sheetData>${Array.from(
    { length: 12 },
    (_, n) => `<row r="${n + 1}"><c r="A${n + 1}"><v>${seed + n}</v></c></row>`,
  ).join("")}</sheetData></worksheet>`,
});

/** A ZIP archive (APPNOTE 4.3) whose entries are stored as they are: Office files are one. */
function zip(parts: Readonly<Record<string, string>>): Uint8Array {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(parts)) {
    const [path, data] = [Buffer.from(name), Buffer.from(text)];
    const about = Buffer.alloc(26);
    about.writeUInt16LE(20, 0);
    about.writeUInt16LE(0x5a21, 8);
    about.writeUInt32LE(crc32(data), 10);
    about.writeUInt32LE(data.length, 14);
    about.writeUInt32LE(data.length, 18);
    about.writeUInt16LE(path.length, 22);
    const file = Buffer.concat([Buffer.from("PK\u0003\u0004", "latin1"), about, path, data]);
    const entry = Buffer.alloc(14);
    entry.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\u0001\u0002\u0014\u0000", "latin1"), about, entry, path]));
    files.push(file);
    offset += file.length;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(directory.length, 4);
  end.writeUInt16LE(directory.length, 6);
  end.writeUInt32LE(listing.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...files, listing, Buffer.from("PK\u0005\u0006", "latin1"), end]);
}
