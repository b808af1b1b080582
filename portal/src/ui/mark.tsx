/** Two ink posts and one ochre rope. `ground` is the colour it stands on: it parts the rope from the posts. */
export function Mark({ size = 26, ground = "var(--sunken)" }: { size?: number; ground?: string }) {
  const rope = "M2.2 8.6C5.2 8.6 6.6 12 9.4 12h5.2c2.8 0 4.2 3.4 7.2 3.4";
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" strokeLinecap="round" aria-hidden="true">
      <path d="M6 3.5v17M18 3.5v17" stroke="currentColor" strokeWidth="3" />
      <path d={rope} stroke={ground} strokeWidth="5.5" strokeLinecap="butt" />
      <path d={rope} stroke="var(--rope)" strokeWidth="2.5" />
    </svg>
  );
}
