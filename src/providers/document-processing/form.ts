// The two forms that carry a file, as streams: a file is never held as a whole.

export interface FilePart {
  name: string;
  size: number;
  open(): Promise<ReadableStream<Uint8Array>>;
}

export interface Form {
  bytes: ReadableStream<Uint8Array>;
  size: number;
  mediaType: string;
}

/** A message in front of its file, or behind it. */
export function formOf(
  boundary: string,
  text: { name: string; payload: string },
  file: FilePart,
  order: "text" | "file",
): Form {
  const textHead = `--${boundary}\r\nContent-Disposition: form-data; name="${text.name}"\r\nContent-Type: application/json\r\n\r\n`;
  const fileHead = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${escaped(file.name)}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  const textPart = `${textHead}${text.payload}\r\n`;
  const end = `--${boundary}--\r\n`;
  const before = new TextEncoder().encode(order === "text" ? `${textPart}${fileHead}` : fileHead);
  const after = new TextEncoder().encode(order === "text" ? `\r\n${end}` : `\r\n${textPart}${end}`);
  return {
    bytes: streamOf(chain(before, file, after)),
    size: before.length + file.size + after.length,
    mediaType: `multipart/form-data; boundary=${boundary}`,
  };
}

async function* chain(before: Uint8Array, file: FilePart, after: Uint8Array): AsyncGenerator<Uint8Array> {
  yield before;
  yield* await file.open();
  yield after;
}

function streamOf(chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await chunks.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

/** As browsers write it (WHATWG HTML, multipart/form-data): nothing in a name ends its quotes or its line. */
const escaped = (name: string): string =>
  name
    .toWellFormed()
    .replace(/\r\n|\r|\n/g, "%0D%0A")
    .replaceAll('"', "%22");
