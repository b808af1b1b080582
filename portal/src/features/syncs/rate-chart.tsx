const width = 320;
const height = 40;

/** A line that moves while a run is on. No axes: the figure beside it says where it stands. */
export function RateChart({ values }: { values: readonly number[] }) {
  if (values.length < 2) return <p className="pt-2 text-xs text-muted">after a few seconds</p>;
  const highest = Math.max(1, ...values);
  const step = width / (values.length - 1);
  const points = values.map(
    (value, place) => `${(place * step).toFixed(1)},${(height - 2 - (value / highest) * (height - 4)).toFixed(1)}`,
  );
  return (
    <svg
      role="img"
      aria-label={`Highest ${Math.round(highest)} a second`}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      className="mt-1 h-10 w-full"
    >
      <polygon points={`0,${height} ${points.join(" ")} ${width},${height}`} className="fill-running-soft" />
      <polyline
        points={points.join(" ")}
        className="fill-none stroke-running"
        strokeWidth="2"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}
