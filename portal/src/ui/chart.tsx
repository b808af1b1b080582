import { lazy, Suspense } from "react";
import type { ChartProps } from "./chart-canvas.tsx";
import { Skeleton } from "./skeleton.tsx";

const Canvas = lazy(() => import("./chart-canvas.tsx"));

/** A chart over time. Its code comes with the first page that shows one; the place is kept until then. */
export function Chart(props: ChartProps) {
  const height = props.height ?? 160;
  return (
    <div style={{ height }}>
      <Suspense fallback={<Skeleton className="h-full" />}>
        <Canvas {...props} height={height} />
      </Suspense>
    </div>
  );
}

export type { ChartProps, ChartSeries } from "./chart-canvas.tsx";
