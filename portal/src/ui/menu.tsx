import { Menu as Base } from "@base-ui/react/menu";
import { createLink } from "@tanstack/react-router";
import { Check, type LucideIcon } from "lucide-react";
import type { AnchorHTMLAttributes, ReactElement, ReactNode, Ref } from "react";
import { cn } from "../lib/cn.ts";
import { Icon } from "./icon.tsx";

const itemLook =
  "flex min-h-8 w-full cursor-pointer items-center gap-2.5 rounded-sm px-2 py-1 text-left outline-none select-none data-highlighted:bg-hover data-disabled:cursor-not-allowed data-disabled:opacity-55 pointer-coarse:min-h-11";

export interface MenuProps {
  /** The button that opens it: a Button or IconButton. */
  trigger: ReactElement;
  children: ReactNode;
  align?: "start" | "end" | undefined;
  side?: "top" | "bottom" | undefined;
  className?: string | undefined;
}

export function Menu({ trigger, children, align = "end", side = "bottom", className }: MenuProps) {
  return (
    <Base.Root modal={false}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner align={align} side={side} sideOffset={4} className="z-50 outline-none">
          <Base.Popup
            className={cn(
              "layer-in min-w-44 rounded-md border border-border bg-card p-1 shadow-layer outline-none",
              className,
            )}
          >
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

export interface MenuItemProps {
  icon?: LucideIcon | undefined;
  onSelect: () => void;
  danger?: boolean | undefined;
  /** Why it cannot be chosen now; shown beneath. */
  disabled?: string | false | undefined;
  children: ReactNode;
}

export function MenuItem({ icon, onSelect, danger, disabled, children }: MenuItemProps) {
  return (
    <Base.Item disabled={Boolean(disabled)} onClick={onSelect} className={cn(itemLook, danger && "text-bad")}>
      {icon && <Icon icon={icon} className={danger ? undefined : "text-muted"} />}
      <span>
        {children}
        {disabled && <span className="block text-xs text-muted">{disabled}</span>}
      </span>
    </Base.Item>
  );
}

interface AnchorProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  ref?: Ref<HTMLAnchorElement>;
  icon?: LucideIcon | undefined;
}

function MenuAnchor({ icon, children, className, ...rest }: AnchorProps) {
  return (
    <Base.LinkItem {...rest} closeOnClick className={cn(itemLook, className)}>
      {icon && <Icon icon={icon} className="text-muted" />}
      {children}
    </Base.LinkItem>
  );
}

/** An entry that goes to an address of the portal. */
export const MenuLink = createLink(MenuAnchor);

export function MenuSeparator() {
  return <Base.Separator className="my-1 h-px bg-border" />;
}

export interface MenuChoiceProps<Value extends string> {
  label: string;
  value: Value;
  onChange: (value: Value) => void;
  options: readonly { value: Value; label: string; icon?: LucideIcon }[];
}

/** One of a few, inside a menu: theme, sort order, role. */
export function MenuChoice<Value extends string>({ label, value, onChange, options }: MenuChoiceProps<Value>) {
  return (
    <Base.Group>
      <Base.GroupLabel className="px-2 pt-1 pb-0.5 text-xs font-medium text-muted">{label}</Base.GroupLabel>
      <Base.RadioGroup value={value} onValueChange={(next: Value) => onChange(next)}>
        {options.map((option) => (
          <Base.RadioItem key={option.value} value={option.value} closeOnClick className={itemLook}>
            {option.icon && <Icon icon={option.icon} className="text-muted" />}
            <span className="flex-1">{option.label}</span>
            <Base.RadioItemIndicator>
              <Icon icon={Check} className="text-primary" />
            </Base.RadioItemIndicator>
          </Base.RadioItem>
        ))}
      </Base.RadioGroup>
    </Base.Group>
  );
}

export interface MenuCheckProps {
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: ReactNode;
  disabled?: boolean | undefined;
}

/** An entry that is on or off and leaves the menu open: columns, log levels. */
export function MenuCheck({ checked, onChange, children, disabled }: MenuCheckProps) {
  return (
    <Base.CheckboxItem
      checked={checked}
      disabled={disabled ?? false}
      onCheckedChange={(next) => onChange(next)}
      closeOnClick={false}
      className={itemLook}
    >
      <span className="grid size-4 place-items-center">
        <Base.CheckboxItemIndicator>
          <Icon icon={Check} className="text-primary" />
        </Base.CheckboxItemIndicator>
      </span>
      {children}
    </Base.CheckboxItem>
  );
}
