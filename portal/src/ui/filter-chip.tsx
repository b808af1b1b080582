import { Check, ChevronDown, X } from "lucide-react";
import { Button, IconButton } from "./button.tsx";
import { Icon } from "./icon.tsx";
import type { Option } from "./input.tsx";
import { Menu, MenuItem } from "./menu.tsx";

export interface FilterChipProps {
  /** "State" */
  label: string;
  /** "" for any. */
  value: string;
  onChange: (value: string) => void;
  options: readonly Option[];
}

/** One filter of a table: "State: any" opens its values; a set one can be taken off. */
export function FilterChip({ label, value, onChange, options }: FilterChipProps) {
  const chosen = options.find((option) => option.value === value);
  return (
    <span className="inline-flex items-center">
      <Menu
        align="start"
        trigger={
          <Button className={chosen ? "border-primary bg-primary-soft" : "border-border"}>
            {label}: {chosen?.label ?? "any"}
            <Icon icon={ChevronDown} className="text-muted" />
          </Button>
        }
      >
        <MenuItem {...(value ? {} : { icon: Check })} onSelect={() => onChange("")}>
          Any
        </MenuItem>
        {options.map((option) => (
          <MenuItem
            key={option.value}
            {...(option.value === value ? { icon: Check } : {})}
            onSelect={() => onChange(option.value)}
          >
            {option.label}
          </MenuItem>
        ))}
      </Menu>
      {chosen && <IconButton icon={X} label={`Clear ${label.toLowerCase()}`} onClick={() => onChange("")} />}
    </span>
  );
}
