import { ChevronDown, ChevronRight } from "lucide-react";
import { useState } from "react";
import { cn } from "../lib/cn.ts";
import { formatAmount } from "../lib/format.ts";
import { Icon } from "./icon.tsx";

export interface JsonTreeProps {
  value: unknown;
  /** Named at the top, and read out: "Body". */
  label: string;
  /** Called with the JSONPath (RFC 9535) of a value that is clicked. */
  onPick?: ((path: string) => void) | undefined;
}

/** JSON as a tree that opens and closes; what is large shows its beginning. */
export function JsonTree({ value, label, onPick }: JsonTreeProps) {
  return (
    <div className="overflow-x-auto font-mono text-xs leading-5">
      <ul aria-label={label}>
        <Node name={undefined} value={value} path="$" depth={0} onPick={onPick} />
      </ul>
    </div>
  );
}

const OPEN_DEPTH = 2;
const SHOWN_AT_ONCE = 100;

interface NodeProps {
  name: string | number | undefined;
  value: unknown;
  path: string;
  depth: number;
  onPick: ((path: string) => void) | undefined;
}

function Node({ name, value, path, depth, onPick }: NodeProps) {
  const [open, setOpen] = useState(depth < OPEN_DEPTH);
  const [shown, setShown] = useState(SHOWN_AT_ONCE);
  if (typeof value !== "object" || value === null) {
    return (
      <li className="flex gap-1.5 pl-5">
        <Name name={name} />
        <Leaf value={value} path={path} onPick={onPick} />
      </li>
    );
  }
  const isList = Array.isArray(value);
  const entries: [string | number, unknown][] = isList ? value.map((one, at) => [at, one]) : Object.entries(value);
  const size = isList ? formatAmount(entries.length, "entry", "entries") : formatAmount(entries.length, "member");
  return (
    <li>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex min-h-6 items-center gap-1 rounded-sm hover:bg-hover"
      >
        <Icon icon={open ? ChevronDown : ChevronRight} className="text-muted" />
        <Name name={name} />
        <span className="text-muted">
          {isList ? "[" : "{"} {size} {isList ? "]" : "}"}
        </span>
      </button>
      {open && entries.length > 0 && (
        <ul className="ml-2 border-l border-border pl-2">
          {entries.slice(0, shown).map(([key, one]) => (
            <Node key={key} name={key} value={one} path={`${path}${segment(key)}`} depth={depth + 1} onPick={onPick} />
          ))}
          {entries.length > shown && (
            <li className="pl-5">
              <button
                type="button"
                className="min-h-6 rounded-sm text-primary hover:underline"
                onClick={() => setShown(shown + SHOWN_AT_ONCE)}
              >
                {formatAmount(entries.length - shown, "more entry", "more entries")}
              </button>
            </li>
          )}
        </ul>
      )}
    </li>
  );
}

const segment = (key: string | number): string =>
  typeof key === "number" ? `[${key}]` : /^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;

function Name({ name }: { name: string | number | undefined }) {
  return name === undefined ? null : <span className="text-muted">{name}:</span>;
}

function Leaf({ value, path, onPick }: { value: unknown; path: string; onPick: NodeProps["onPick"] }) {
  const text = JSON.stringify(value);
  const look = cn(
    "text-left wrap-anywhere",
    typeof value === "string" && "text-good",
    typeof value === "number" && "text-running",
  );
  if (!onPick) return <span className={look}>{text}</span>;
  return (
    <button
      type="button"
      title={`Use ${path}`}
      onClick={() => onPick(path)}
      className={cn(look, "rounded-sm hover:bg-primary-soft")}
    >
      {text}
    </button>
  );
}
