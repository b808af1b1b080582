import { Dialog as Base } from "@base-ui/react/dialog";
import type { ReactNode, RefObject } from "react";
import { cn } from "../lib/cn.ts";
import { CloseButton } from "./dialog.tsx";

export interface SheetProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: ReactNode;
  /** Left of the title, such as a glyph. */
  glyph?: ReactNode;
  children: ReactNode;
  footer?: ReactNode;
  /** `left` is the rail's drawer. */
  side?: "right" | "left" | undefined;
  /** Where the focus begins; the first field, link or button if not given. */
  initialFocus?: RefObject<HTMLElement | null> | undefined;
}

/** Slides in beside the page it belongs to; fills the screen when narrow. */
export function Sheet({
  open,
  onOpenChange,
  title,
  description,
  glyph,
  children,
  footer,
  side = "right",
  initialFocus,
}: SheetProps) {
  const drawer = side === "left";
  return (
    <Base.Root open={open} onOpenChange={(next) => onOpenChange(next)}>
      <Base.Portal>
        <Base.Backdrop className="veil fixed inset-0 z-40" />
        <Base.Popup
          {...(initialFocus ? { initialFocus } : {})}
          className={cn(
            "sheet-in fixed inset-y-0 z-40 flex flex-col bg-card shadow-layer",
            drawer
              ? "sheet-in-left left-0 w-64 max-w-[85vw] border-r border-border bg-sunken"
              : "right-0 w-full border-border md:w-128 md:border-l",
          )}
        >
          <div className={cn("flex items-start gap-3 border-b border-border py-3 pr-12 pl-5", drawer && "sr-only")}>
            {glyph}
            <div className="min-w-0 flex-1">
              <Base.Title className="text-base font-semibold wrap-anywhere">{title}</Base.Title>
              {description && <Base.Description className="text-muted">{description}</Base.Description>}
            </div>
          </div>
          <div className={cn("min-h-0 flex-1 overflow-y-auto", !drawer && "px-5 py-4")}>{children}</div>
          {footer && <div className="flex flex-wrap justify-end gap-2 border-t border-border px-5 py-3">{footer}</div>}
          {!drawer && <CloseButton />}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
