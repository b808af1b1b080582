import type { BigIntStats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { ProviderError } from "#core/errors.ts";
import { toFailure } from "./failure.ts";

const CHUNK = 256 * 1024;

/**
 * The bytes of an open file from `from` to the size that it had when it was opened, read as they are asked for; closes
 * the file. Fails with `unavailable` when the file is written to meanwhile: what was read then is a mixture.
 */
export function streamFile(
  file: FileHandle,
  opened: BigIntStats,
  options: { from: number; what: string; signal: AbortSignal },
): ReadableStream<Uint8Array> {
  const { what, signal } = options;
  const end = Number(opened.size);
  let position = options.from;
  let stopListening = () => {};
  const finish = async () => {
    stopListening();
    forgotten.unregister(file);
    await file.close();
  };

  const stream = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const abort = () => {
          controller.error(signal.reason);
          void finish();
        };
        stopListening = () => signal.removeEventListener("abort", abort);
        signal.addEventListener("abort", abort, { once: true });
      },
      async pull(controller) {
        try {
          if (position < end) {
            const chunk = new Uint8Array(Math.min(CHUNK, end - position));
            const { bytesRead } = await file.read(chunk, 0, chunk.length, position);
            if (signal.aborted) return;
            if (bytesRead === 0) throw changedWhileRead(what);
            position += bytesRead;
            controller.enqueue(chunk.subarray(0, bytesRead));
          }
          if (position >= end) {
            await refuseIfWritten(file, opened, what);
            controller.close();
            await finish();
          }
        } catch (error) {
          if (signal.aborted) return;
          controller.error(toFailure(error, what));
          await finish();
        }
      },
      cancel: finish,
    },
    { highWaterMark: 0 },
  );
  forgotten.register(stream, file, file);
  return stream;
}

/** Closes the files of streams that somebody dropped without reading or cancelling them: Node ends the process else. */
const forgotten = new FinalizationRegistry<FileHandle>((file) => void file.close());

async function refuseIfWritten(file: FileHandle, opened: BigIntStats, what: string): Promise<void> {
  const now = await file.stat({ bigint: true });
  if (now.size !== opened.size || now.mtimeNs !== opened.mtimeNs) throw changedWhileRead(what);
}

const changedWhileRead = (what: string) => new ProviderError("unavailable", `${what} was written to while it was read`);
