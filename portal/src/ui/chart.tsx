import { lazy, Suspense } from "react";
import type { ChartProps } from "./chart-canvas.tsx";
import { Skeleton } from "./skeleton.tsx";

const Canvas = lazy(() => import("./chart-canvas.tsx"));

/** One line of names and values stands below the drawing. */
const captionHeight = 20;

/** A chart over time. Its code comes with the first page that shows one; the place is kept until then. */
export function Chart(props: ChartProps) {
  const height = props.height ?? 160;
  return (
    <div style={{ minHeight: height + captionHeight }}>
      <Suspense fallback={<Skeleton className="h-40" />}>
        <Canvas {...props} height={height} />
      </Suspense>
    </div>
  );
}

export type { ChartProps, ChartSeries } from "./chart-canvas.tsx";
