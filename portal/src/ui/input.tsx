import { ChevronDown, Eye, EyeOff, Search } from "lucide-react";
import {
  type InputHTMLAttributes,
  type Ref,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useState,
} from "react";
import { cn } from "../lib/cn.ts";
import { IconButton } from "./button.tsx";
import { useFieldLink } from "./field.tsx";
import { Icon } from "./icon.tsx";

export const controlLook =
  "w-full min-h-8 rounded-md border border-control bg-card px-2.5 py-1.25 text-sm text-foreground transition-colors disabled:opacity-60 aria-invalid:border-bad [&[readonly]]:bg-sunken pointer-coarse:min-h-11 pointer-coarse:text-[16px]";

export interface TextInputProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "onChange" | "value"> {
  ref?: Ref<HTMLInputElement> | undefined;
  value: string;
  onChange: (value: string) => void;
  /** For ids, paths, patterns. */
  mono?: boolean | undefined;
}

export function TextInput({ mono, className, onChange, ...rest }: TextInputProps) {
  const link = useFieldLink();
  return (
    <input
      type="text"
      {...link}
      {...rest}
      onChange={(event) => onChange(event.target.value)}
      className={cn(controlLook, mono && "font-mono text-xs", className)}
    />
  );
}

/** A new password or secret; can be made visible while it is typed. */
export function PasswordInput({ className, ...rest }: TextInputProps) {
  const [visible, setVisible] = useState(false);
  return (
    <div className="relative">
      <TextInput
        autoComplete="current-password"
        spellCheck={false}
        {...rest}
        type={visible ? "text" : "password"}
        className={cn("pr-9 pointer-coarse:pr-12", className)}
      />
      <div className="absolute inset-y-0 right-0 grid place-items-center">
        <IconButton
          icon={visible ? EyeOff : Eye}
          label={visible ? "Hide what is typed" : "Show what is typed"}
          aria-pressed={visible}
          onClick={() => setVisible(!visible)}
        />
      </div>
    </div>
  );
}

/** The search of a page or table; `/` puts the cursor here (app/shortcuts.tsx finds it by `data-search`). */
export function SearchInput({ className, label, ...rest }: TextInputProps & { label: string }) {
  return (
    <div className={cn("relative w-60 max-md:w-full", className)}>
      <Icon icon={Search} className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-muted" />
      <TextInput
        placeholder={label}
        {...rest}
        type="search"
        aria-label={label}
        data-search=""
        className="pr-7 pl-8 [&::-webkit-search-cancel-button]:hidden"
      />
      <span
        aria-hidden="true"
        className="pointer-events-none absolute top-1/2 right-2 -translate-y-1/2 rounded-sm border border-border px-1 font-mono text-xs text-muted max-md:hidden"
      >
        /
      </span>
    </div>
  );
}

export interface TextareaProps extends Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, "onChange" | "value"> {
  ref?: Ref<HTMLTextAreaElement> | undefined;
  value: string;
  onChange: (value: string) => void;
  mono?: boolean | undefined;
}

export function Textarea({ mono, className, onChange, rows, ...rest }: TextareaProps) {
  const link = useFieldLink();
  return (
    <textarea
      {...link}
      {...rest}
      // It grows with what is in it, for which browsers leave `rows` out of account.
      style={rows === undefined ? undefined : { minHeight: `calc(${rows}lh + 0.75rem)` }}
      onChange={(event) => onChange(event.target.value)}
      className={cn(controlLook, "field-sizing-content", mono && "font-mono text-xs", className)}
    />
  );
}

export interface Option<Value extends string = string> {
  value: Value;
  label: string;
  disabled?: boolean | undefined;
}

export interface SelectProps<Value extends string>
  extends Omit<SelectHTMLAttributes<HTMLSelectElement>, "onChange" | "value"> {
  value: Value;
  onChange: (value: Value) => void;
  options: readonly Option<Value>[];
  /** Shown while nothing is chosen (`value` is ""). */
  placeholder?: string | undefined;
}

/** The browser's own select: it is known to every keyboard, phone and screen reader. For long lists use Combobox. */
export function Select<Value extends string>({
  value,
  onChange,
  options,
  placeholder,
  className,
  ...rest
}: SelectProps<Value>) {
  const link = useFieldLink();
  return (
    <div className={cn("relative", className)}>
      <select
        {...link}
        {...rest}
        value={value}
        onChange={(event) => {
          const chosen = options.find((option) => option.value === event.target.value);
          if (chosen) onChange(chosen.value);
        }}
        className={cn(controlLook, "appearance-none pr-8")}
      >
        {placeholder && (
          <option value="" disabled>
            {placeholder}
          </option>
        )}
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled}>
            {option.label}
          </option>
        ))}
      </select>
      <Icon icon={ChevronDown} className="pointer-events-none absolute top-1/2 right-2.5 -translate-y-1/2 text-muted" />
    </div>
  );
}
