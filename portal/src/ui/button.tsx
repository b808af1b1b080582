import { createLink } from "@tanstack/react-router";
import { cva, type VariantProps } from "class-variance-authority";
import { LoaderCircle, type LucideIcon } from "lucide-react";
import type { AnchorHTMLAttributes, ButtonHTMLAttributes, ReactNode, Ref } from "react";
import { cn } from "../lib/cn.ts";
import { Icon } from "./icon.tsx";
import { Tooltip } from "./tooltip.tsx";

const look = cva(
  "inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md border text-sm font-medium whitespace-nowrap select-none transition-colors duration-150 aria-disabled:opacity-55",
  {
    variants: {
      kind: {
        /** The one button of a page that mends or moves on. */
        primary: "border-primary bg-primary text-on-primary not-aria-disabled:hover:brightness-110",
        plain: "border-control bg-card text-foreground not-aria-disabled:hover:bg-hover",
        quiet: "border-transparent text-muted not-aria-disabled:hover:bg-hover not-aria-disabled:hover:text-foreground",
        danger: "border-bad bg-card text-bad not-aria-disabled:hover:bg-bad-soft",
      },
      size: {
        normal: "min-h-8 px-2.75 py-1.25 pointer-coarse:min-h-11",
        small: "min-h-6 px-2 py-0.5 pointer-coarse:min-h-11",
        icon: "size-8 p-0 pointer-coarse:size-11",
      },
      wide: { true: "w-full" },
    },
    defaultVariants: { kind: "plain", size: "normal" },
  },
);

type Look = VariantProps<typeof look>;

interface Face extends Look {
  icon?: LucideIcon | undefined;
  children?: ReactNode;
}

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "disabled">, Face {
  ref?: Ref<HTMLButtonElement>;
  /** Shows that the answer is on its way and refuses a second press. */
  busy?: boolean | undefined;
  /**
   * Why the button cannot be pressed now, such as "Needs the role admin". It stays visible and reachable, and says so
   * on hover and focus. `true` only where the reason stands beside it.
   */
  disabled?: boolean | string | undefined;
}

export function Button({
  kind,
  size,
  wide,
  icon,
  busy,
  disabled,
  className,
  children,
  onClick,
  type = "button",
  ...rest
}: ButtonProps) {
  const blocked = Boolean(busy || disabled);
  const button = (
    <button
      {...rest}
      type={type}
      aria-disabled={blocked || undefined}
      aria-busy={busy || undefined}
      className={cn(look({ kind, size, wide }), className)}
      onClick={(event) => {
        // A disabled element could not be focused, and so could not say why it is disabled.
        if (blocked) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {busy ? <Icon icon={LoaderCircle} className="spin" /> : icon && <Icon icon={icon} />}
      {children}
    </button>
  );
  return typeof disabled === "string" ? <Tooltip text={disabled}>{button}</Tooltip> : button;
}

export interface IconButtonProps extends Omit<ButtonProps, "children" | "icon" | "aria-label" | "size"> {
  icon: LucideIcon;
  /** What it does; read out and shown on hover. */
  label: string;
}

export function IconButton({ label, kind = "quiet", disabled, ...rest }: IconButtonProps) {
  const text = typeof disabled === "string" ? `${label}: ${disabled}` : label;
  return (
    <Tooltip text={text}>
      <Button {...rest} kind={kind} size="icon" disabled={Boolean(disabled)} aria-label={label} />
    </Tooltip>
  );
}

interface AnchorProps extends AnchorHTMLAttributes<HTMLAnchorElement>, Face {
  ref?: Ref<HTMLAnchorElement>;
}

function ButtonAnchor({ kind, size, wide, icon, className, children, ...rest }: AnchorProps) {
  return (
    <a {...rest} className={cn(look({ kind, size, wide }), className)}>
      {icon && <Icon icon={icon} />}
      {children}
    </a>
  );
}

/** Looks like a button, goes to an address of the portal. */
export const ButtonLink = createLink(ButtonAnchor);

/** Looks like a button, goes to an address outside the router: a download, the API reference. */
export const ButtonHref = ButtonAnchor;
