import { cn } from "../lib/cn.ts";

export interface SparklineProps {
  values: readonly number[];
  /** Indexes drawn red, such as hours with failures. */
  bad?: ReadonlySet<number> | undefined;
  /** What it shows, read out: "Runs per hour, last 24 hours". */
  label: string;
  className?: string | undefined;
}

/** Small bars without axes; the figures stand beside them. */
export function Sparkline({ values, bad, label, className }: SparklineProps) {
  const highest = Math.max(1, ...values);
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${Math.max(1, values.length) * 7 - 2} 24`}
      preserveAspectRatio="none"
      className={cn("h-5 w-16 shrink-0 opacity-75", className)}
    >
      {values.map((value, index) => {
        const height = value <= 0 ? 1 : Math.max(2, (value / highest) * 24);
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place on the axis
            key={index}
            x={index * 7}
            y={24 - height}
            width="5"
            height={height}
            rx="1"
            className={bad?.has(index) ? "fill-bad" : "fill-control"}
          />
        );
      })}
    </svg>
  );
}
