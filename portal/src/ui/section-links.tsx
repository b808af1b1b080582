import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, ReactNode, Ref } from "react";
import { cn } from "../lib/cn.ts";

/** Looks like tabs, is a list of pages: each has an address of its own. */
export function SectionLinks({ label, children }: { label: string; children: ReactNode }) {
  return (
    <nav aria-label={label} className="flex gap-5 overflow-x-auto border-b border-border [scrollbar-width:none]">
      {children}
    </nav>
  );
}

function Anchor({ className, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & { ref?: Ref<HTMLAnchorElement> }) {
  return (
    <a
      {...rest}
      className={cn(
        "-mb-px shrink-0 border-b-2 border-transparent pt-2 pb-1.75 font-medium text-muted -outline-offset-2 hover:text-foreground aria-[current=page]:border-primary aria-[current=page]:text-foreground",
        className,
      )}
    />
  );
}

export const SectionLink = createLink(Anchor);
