import { cn } from "../lib/cn.ts";

/** A grey shape of what is coming. Shown only after 150 ms (by the style sheet), so quick answers never flash. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden="true" className={cn("skeleton block h-4", className)} />;
}

const widths = ["w-2/5", "w-3/5", "w-1/2", "w-1/3", "w-2/3"];

/** The geometry of a table or list that is still loading: rows of 36 px. Says "Loading" to screen readers once. */
export function SkeletonRows({ rows = 8, label = "Loading" }: { rows?: number; label?: string }) {
  return (
    <div role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are alike and never move
        <div key={row} className="flex h-9 items-center gap-6 border-b border-border px-4 last:border-0">
          <Skeleton className={widths[row % widths.length] ?? "w-1/2"} />
          <Skeleton className="ml-auto w-16" />
          <Skeleton className="w-12" />
        </div>
      ))}
    </div>
  );
}
