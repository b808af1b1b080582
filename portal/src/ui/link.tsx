import { createLink } from "@tanstack/react-router";
import { cva, type VariantProps } from "class-variance-authority";
import type { AnchorHTMLAttributes, Ref } from "react";
import { cn } from "../lib/cn.ts";

const look = cva("rounded-sm underline-offset-2 hover:underline", {
  variants: {
    kind: {
      /** Inside a sentence. */
      text: "font-semibold text-primary",
      /** The name of a thing, in tables and lists: ink, not colour. */
      thing: "font-medium text-foreground",
      quiet: "text-muted hover:text-foreground",
    },
  },
  defaultVariants: { kind: "text" },
});

interface AnchorProps extends AnchorHTMLAttributes<HTMLAnchorElement>, VariantProps<typeof look> {
  ref?: Ref<HTMLAnchorElement>;
}

function Anchor({ kind, className, ...rest }: AnchorProps) {
  return <a {...rest} className={cn(look({ kind }), className)} />;
}

/** To an address of the portal; typed by the router. */
export const Link = createLink(Anchor);

/**
 * To an address that came out of data. Only `https`, `http` and `mailto` become links (SR-48); anything else is shown
 * as the text that it is.
 */
export function OutsideLink({ href, children, ...rest }: AnchorProps & { href: string }) {
  if (!isSafe(href)) return <span>{children ?? href}</span>;
  return (
    <Anchor {...rest} href={href} target="_blank" rel="noopener noreferrer">
      {children ?? href}
    </Anchor>
  );
}

function isSafe(href: string): boolean {
  try {
    return ["https:", "http:", "mailto:"].includes(new URL(href, window.location.href).protocol);
  } catch {
    return false;
  }
}
