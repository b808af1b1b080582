import { cn } from "../lib/cn.ts";
import { ProviderGlyph } from "./provider-glyph.tsx";

/** `ok` solid, `running` moving dashes, `paused` slack, `gap` broken. Words always stand beside it. */
export type Mooring = "ok" | "running" | "paused" | "gap";

export interface MooringEnd {
  /** Provider key or destination kind: decides the hue. */
  id: string;
  /** The name the letters of the glyph come from: "Local folder", "Google Drive". */
  name: string;
}

export interface MooringLineProps {
  from: MooringEnd;
  to: MooringEnd;
  state: Mooring;
  className?: string | undefined;
}

/** Source glyph, line, destination glyph: the one ornament. The small form, for rows. */
export function MooringLine({ from, to, state, className }: MooringLineProps) {
  return (
    <span className={cn("inline-flex shrink-0 items-center gap-1.5 align-middle", className)} aria-hidden="true">
      <ProviderGlyph {...from} size="small" />
      <svg
        aria-hidden="true"
        width="40"
        height="10"
        viewBox="0 0 40 10"
        fill="none"
        strokeWidth="2"
        strokeLinecap="round"
      >
        <SmallLine state={state} />
      </svg>
      <ProviderGlyph {...to} size="small" />
    </span>
  );
}

export interface MooringBannerProps extends MooringLineProps {
  /** First and second line beside each glyph: "Drive, Engineering" over "Google Drive · 4 folders". */
  fromText: { title: string; detail: string };
  toText: { title: string; detail: string };
  /** 0…1 while running and known. */
  progress?: number | undefined;
}

/** The large form on top of a sync's page; its line carries the progress. */
export function MooringBanner({ from, to, state, fromText, toText, progress }: MooringBannerProps) {
  return (
    <div className="flex items-center gap-3 px-4 py-3.5 max-md:flex-wrap">
      <ProviderGlyph {...from} size="big" />
      <EndText {...fromText} />
      <svg
        className="mx-3 h-3 min-w-16 flex-1 max-md:order-last max-md:mx-0 max-md:w-full max-md:basis-full"
        viewBox="0 0 400 12"
        preserveAspectRatio="none"
        fill="none"
        aria-hidden="true"
      >
        <WideLine state={state} progress={progress} />
      </svg>
      <EndText {...toText} right />
      <ProviderGlyph {...to} size="big" />
    </div>
  );
}

function EndText({ title, detail, right }: { title: string; detail: string; right?: boolean }) {
  return (
    <div className={cn("max-w-72 min-w-0", right && "text-right max-md:ml-auto")}>
      <p className="truncate font-semibold" title={title}>
        {title}
      </p>
      <p className="truncate text-xs text-muted" title={detail}>
        {detail}
      </p>
    </div>
  );
}

function SmallLine({ state }: { state: Mooring }) {
  if (state === "running") {
    return <path d="M0 5H40" className="stroke-rope" strokeDasharray="2.5 2.2" strokeLinecap="butt" />;
  }
  if (state === "paused") return <path d="M1 3C12 10 28 10 39 3" className="stroke-control" />;
  if (state === "gap") return <path d="M1 5H14M26 5H39" className="stroke-bad" />;
  return <path d="M1 5H39" className="stroke-control" />;
}

function WideLine({ state, progress }: { state: Mooring; progress?: number | undefined }) {
  if (state === "running") {
    const end = Math.round(400 * Math.min(1, Math.max(0, progress ?? 1)));
    return (
      <>
        <path d="M0 6H400" className="stroke-border" strokeWidth="4" />
        <path d={`M0 6H${end}`} className="rope-running" strokeWidth="4" />
      </>
    );
  }
  if (state === "paused") {
    return (
      <path d="M0 2C120 14 280 14 400 2" className="stroke-control" strokeWidth="2" vectorEffect="non-scaling-stroke" />
    );
  }
  if (state === "gap") return <path d="M0 6H170M230 6H400" className="stroke-bad" strokeWidth="3" />;
  return <path d="M0 6H400" className="stroke-control" strokeWidth="2" />;
}
