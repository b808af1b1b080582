import { ChevronDown, ChevronRight } from "lucide-react";
import { useState } from "react";
import { cn } from "../lib/cn.ts";
import { formatAmount } from "../lib/format.ts";
import { Icon } from "./icon.tsx";

export interface JsonTreeProps {
  value: unknown;
  /** Named at the top, and read out: "Body". */
  label: string;
  /** Lets values be chosen, by their JSONPaths (RFC 9535). */
  picking?: Picking | undefined;
}

export interface Picking {
  onPick: (path: string) => void;
  /** Whether this path was chosen. */
  isPicked: (path: string) => boolean;
}

/** JSON as a tree that opens and closes; what is large shows its beginning. */
export function JsonTree({ value, label, picking }: JsonTreeProps) {
  return (
    <ul aria-label={label} className="font-mono text-xs leading-5">
      <Node name={undefined} value={value} path="$" depth={0} picking={picking} />
    </ul>
  );
}

/** What is open at first: the upper levels, and of each list the first entry, which tells what the others are like. */
const OPEN_DEPTH = 2;
const SHOWN_AT_ONCE = 100;

interface NodeProps {
  name: string | number | undefined;
  value: unknown;
  path: string;
  depth: number;
  picking: Picking | undefined;
}

function Node({ name, value, path, depth, picking }: NodeProps) {
  const [open, setOpen] = useState(depth < OPEN_DEPTH || name === 0);
  const [shown, setShown] = useState(SHOWN_AT_ONCE);
  if (typeof value !== "object" || value === null) {
    return (
      <li className="flex gap-1.5 pl-5">
        <Name name={name} />
        <Leaf value={value} path={path} picking={picking} />
      </li>
    );
  }
  const isList = Array.isArray(value);
  const entries: [string | number, unknown][] = isList ? value.map((one, at) => [at, one]) : Object.entries(value);
  const size = isList ? formatAmount(entries.length, "entry", "entries") : formatAmount(entries.length, "member");
  return (
    <li>
      <span className="flex items-center gap-1">
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
        {picking && (
          <PickButton path={path} picking={picking}>
            use
          </PickButton>
        )}
      </span>
      {open && entries.length > 0 && (
        <ul className="ml-2 border-l border-border pl-2">
          {entries.slice(0, shown).map(([key, one]) => (
            <Node
              key={key}
              name={key}
              value={one}
              path={`${path}${segment(key)}`}
              depth={depth + 1}
              picking={picking}
            />
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

function Leaf({ value, path, picking }: Pick<NodeProps, "value" | "path" | "picking">) {
  const text = JSON.stringify(value);
  const look = cn(
    "text-left wrap-anywhere",
    typeof value === "string" && "text-good",
    typeof value === "number" && "text-running",
  );
  if (!picking) return <span className={look}>{text}</span>;
  return (
    <PickButton path={path} picking={picking} className={look}>
      {text}
    </PickButton>
  );
}

interface PickButtonProps {
  path: string;
  picking: Picking;
  className?: string;
  children: string;
}

function PickButton({ path, picking, className, children }: PickButtonProps) {
  const isPicked = picking.isPicked(path);
  return (
    <button
      type="button"
      title={`Use ${path}`}
      aria-pressed={isPicked}
      onClick={() => picking.onPick(path)}
      className={cn(
        "min-h-6 rounded-sm px-1 hover:bg-primary-soft",
        className ?? "text-muted",
        isPicked && "bg-primary-soft font-semibold outline outline-primary",
      )}
    >
      {children}
    </button>
  );
}
