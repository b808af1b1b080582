import type { ReactNode } from "react";
import { cn } from "../../../lib/cn.ts";
import type { SelectionPreview } from "../../../lib/contract.ts";
import { formatAmount, formatShare } from "../../../lib/format.ts";
import { ProgressBar } from "../../../ui/progress-bar.tsx";
import { SkeletonRows } from "../../../ui/skeleton.tsx";
import { explainError } from "../../../ui/states.tsx";
import { partLabel } from "../words.ts";
import type { Preview } from "./use-preview.ts";

type Path = SelectionPreview["paths"][number];
const shownPaths = 20;

/** The hue of a part is its place among the parts, so that it is the same beside the rule and in every path. */
export const hueOfPart = (part: string, parts: readonly string[]) =>
  `hue-${(Math.max(0, parts.indexOf(part)) % 8) + 1}`;

/** Real paths of the source, those that no rule matches first, with the parts that rules took out of them. */
export function PathPreview({
  preview: { data, error, isFetching },
  parts,
}: {
  preview: Preview;
  parts: readonly string[];
}) {
  if (error) {
    const { cause, next } = explainError(error);
    return <p role="status" className="text-bad">{`${cause} ${next}`}</p>;
  }
  if (!data) return <SkeletonRows rows={6} label="Looking at the source" />;
  const coverage = data.folders_seen > 0 ? data.folders_matched / data.folders_seen : 0;
  return (
    <div className={cn("grid min-w-0 grid-cols-1 content-start gap-2", isFetching && "opacity-60")}>
      <p role="status">
        Rules read <strong className="font-semibold">{formatShare(coverage)}</strong> of{" "}
        {formatAmount(data.folders_seen, "folder path")}
      </p>
      <ProgressBar
        value={coverage}
        tone={coverage === 1 ? "good" : "warning"}
        label="Folder paths that a rule matches"
      />
      <ul
        aria-label="Paths of the source"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever uses the keyboard must be able to scroll it
        tabIndex={0}
        className="max-h-120 overflow-y-auto rounded-md border border-border bg-card"
      >
        {data.paths.slice(0, shownPaths).map((path) => (
          <li key={path.path} className="border-b border-border px-3 py-1.5 last:border-b-0">
            <PathLine path={path} parts={parts} />
          </li>
        ))}
        {data.paths.length === 0 && <li className="px-3 py-2 text-muted">The chosen folders hold no files now.</li>}
      </ul>
    </div>
  );
}

function PathLine({ path, parts }: { path: Path; parts: readonly string[] }) {
  const fixed = Object.entries(path.values).filter(([part]) => !path.matches.some((match) => match.part === part));
  return (
    <>
      <p className="font-mono text-xs wrap-anywhere">{marked(path, parts)}</p>
      <p className="flex flex-wrap gap-x-2 text-xs text-muted">
        {Object.keys(path.values).length === 0 && <span className="font-medium text-warning">no rule matches</span>}
        {path.matches.map((match) => (
          <span key={match.part}>
            {partLabel(match.part)}: <span className="text-foreground">{path.values[match.part] ?? match.value}</span>
          </span>
        ))}
        {fixed.map(([part, value]) => (
          <span key={part}>
            {partLabel(part)}: <span className="text-foreground">{value}</span>
          </span>
        ))}
        <span className="ml-auto">{formatAmount(path.files, "file")}</span>
      </p>
    </>
  );
}

/** The path with its matched pieces on tiles, each with the name of its part. */
function marked({ path, matches }: Path, parts: readonly string[]): ReactNode[] {
  const pieces: ReactNode[] = [];
  let at = 0;
  for (const match of matches.toSorted((one, other) => one.start - other.start)) {
    if (match.start < at) continue;
    if (match.start > at)
      pieces.push(
        <span key={`text ${at}`} className="text-muted">
          {path.slice(at, match.start)}
        </span>,
      );
    pieces.push(
      <mark
        key={`${match.part} ${match.start}`}
        className={cn("glyph rounded-sm px-1 font-medium", hueOfPart(match.part, parts))}
        title={partLabel(match.part)}
      >
        {path.slice(match.start, match.end)}
      </mark>,
    );
    at = match.end;
  }
  if (at < path.length)
    pieces.push(
      <span key={`text ${at}`} className="text-muted">
        {path.slice(at) || "/"}
      </span>,
    );
  return pieces;
}
