import type { ByteSource } from "./destination.ts";

/** A failure of a source, which would look like one of the store that its bytes go to: both are services. */
export class SourceFailure extends Error {
  override readonly name = "SourceFailure";
  readonly reason: unknown;

  constructor(reason: unknown) {
    super("the source of the bytes has failed", { cause: reason });
    this.reason = reason;
  }
}

/** The same source, whose failures are told apart from those of whoever reads it. */
export const toldApart = (source: ByteSource): ByteSource => ({
  async open(from) {
    const pieces = (await source.open(from).catch(mark))[Symbol.asyncIterator]();
    return {
      [Symbol.asyncIterator]: () => ({
        next: () => pieces.next().catch(mark),
        return: async () => (await pieces.return?.()) ?? { done: true, value: undefined },
      }),
    };
  },
});

function mark(reason: unknown): never {
  throw new SourceFailure(reason);
}
