import { CircleCheck, OctagonX, X } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";
import { Button, IconButton } from "./button.tsx";
import { Icon } from "./icon.tsx";
import { explainError } from "./states.tsx";

interface Toast {
  id: number;
  text: string;
  failed: boolean;
  undo: (() => unknown) | undefined;
}

const visibleMs = 10_000;
let toasts: readonly Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

/** Says that something was done; with `undo` it can be taken back for ten seconds. `failed` marks bad news. */
export function toast(text: string, options: { undo?: () => unknown; failed?: boolean } = {}): void {
  add({ text, failed: options.failed ?? false, undo: options.undo });
}

/** Says what could not be done, why, and what comes next. */
export function toastError(what: string, error: unknown): void {
  const { cause, next } = explainError(error);
  add({ text: `${what}. ${cause} ${next}`.trim(), failed: true, undo: undefined });
}

function add(one: Omit<Toast, "id">): void {
  lastId += 1;
  // Four at most: more would cover the page, and the oldest has been read by then.
  set([...toasts, { ...one, id: lastId }].slice(-4));
}

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const changed of listeners) changed();
}

const dismiss = (id: number) => set(toasts.filter((one) => one.id !== id));

function subscribe(changed: () => void): () => void {
  listeners.add(changed);
  return () => listeners.delete(changed);
}

/** Where toasts appear; stands once, in the shell. */
export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <section
      aria-label="Messages"
      className="pointer-events-none fixed right-4 bottom-4 z-50 grid w-[min(400px,calc(100vw-32px))] gap-2"
    >
      <div role="status" className="contents">
        {shown.map((one) => (
          <ToastCard key={one.id} toast={one} />
        ))}
      </div>
    </section>
  );
}

function ToastCard({ toast: { id, text, failed, undo } }: { toast: Toast }) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = window.setTimeout(() => dismiss(id), visibleMs);
    return () => window.clearTimeout(timer);
  }, [id, held]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: pointer and focus only hold the clock; nothing happens here
    <div
      className="layer-in pointer-events-auto flex items-start gap-2.5 rounded-lg border border-border bg-card py-2 pr-2 pl-3 shadow-layer"
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <Icon icon={failed ? OctagonX : CircleCheck} className={failed ? "mt-1.5 text-bad" : "mt-1.5 text-good"} />
      <p className="min-w-0 flex-1 py-1 wrap-anywhere">{text}</p>
      {undo && (
        <Button
          kind="quiet"
          className="text-primary"
          onClick={() => {
            dismiss(id);
            void undo();
          }}
        >
          Undo
        </Button>
      )}
      <IconButton icon={X} label="Dismiss" onClick={() => dismiss(id)} />
    </div>
  );
}
