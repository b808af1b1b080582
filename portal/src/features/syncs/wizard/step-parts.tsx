import type { UseQueryResult } from "@tanstack/react-query";
import type { Reply } from "../../../../../sdk/src/index.ts";
import type { Destination } from "../../../lib/contract.ts";
import type { Preview } from "../parts/use-preview.ts";
import type { Draft } from "./draft.ts";

export interface StepProps {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  /** Typed or suggested. */
  name: string;
  /** Chosen or suggested. */
  destination: Destination;
  nameError: string | undefined;
  nameHint: string | undefined;
  preview: Preview;
  connections: UseQueryResult<Reply<"connections.list">>;
  /** What the server said about a field of the new sync. */
  errorAt: (pointer: string) => string | undefined;
}

export function Title({ id, text, children }: { id: string; text: string; children?: string }) {
  return (
    <div>
      <h2 id={id} className="text-base font-semibold">
        {text}
      </h2>
      {children && <p className="text-muted">{children}</p>}
    </div>
  );
}
