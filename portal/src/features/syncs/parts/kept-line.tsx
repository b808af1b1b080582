import { formatAmount, formatCount } from "../../../lib/format.ts";
import { ProgressBar } from "../../../ui/progress-bar.tsx";
import { explainError } from "../../../ui/states.tsx";
import { unreadableWord } from "../remedies.ts";
import type { Preview } from "./use-preview.ts";

/** "Keeps 3,120 of 4,018 files", from the source itself, as the filters change. */
export function KeptLine({ preview: { data, error, isFetching } }: { preview: Preview }) {
  if (error) {
    const { cause, next } = explainError(error);
    return (
      <p role="status" className="text-bad">
        {cause} {next}
      </p>
    );
  }
  if (!data)
    return (
      <p role="status" className="text-muted">
        Looking at the source…
      </p>
    );
  const share = data.files_seen > 0 ? data.files_kept / data.files_seen : 0;
  return (
    <div role="status" className={isFetching ? "grid content-start gap-1.5 opacity-60" : "grid content-start gap-1.5"}>
      <p>
        Keeps <strong className="font-semibold">{formatCount(data.files_kept)}</strong> of{" "}
        {formatAmount(data.files_seen, "file")}
        {data.truncated && <span className="text-muted"> looked at; there are more</span>}
      </p>
      <ProgressBar value={share} tone={data.files_kept === 0 ? "warning" : "good"} label="Share of files kept" />
      {data.unreadable.length > 0 && (
        <p className="text-muted">
          Listed without contents, because there are none to be had:{" "}
          {data.unreadable
            .map(({ reason, files }) => `${formatCount(files)} ${unreadableWord(reason, files)}`)
            .join(", ")}
          .
        </p>
      )}
      {data.files_kept === 0 && data.files_seen > 0 && (
        <p className="text-warning">
          Nothing would be copied:{" "}
          {data.unreadable.length > 0 ? "there is nothing to be read" : "the filters leave every file out"}.
        </p>
      )}
      {data.files_seen === 0 && <p className="text-warning">There are no files in the chosen folders now.</p>}
    </div>
  );
}
