import { CircleAlert } from "lucide-react";
import { createContext, type ReactNode, useContext, useId } from "react";
import { cn } from "../lib/cn.ts";
import { Icon } from "./icon.tsx";

interface FieldLink {
  id: string;
  describedBy: string | undefined;
  invalid: boolean;
  required: boolean;
}

const FieldContext = createContext<FieldLink | undefined>(undefined);

/** What an input inside a Field needs to be bound to its label, hint and error. Empty outside of one. */
export function useFieldLink() {
  const link = useContext(FieldContext);
  if (!link) return {};
  return {
    id: link.id,
    "aria-describedby": link.describedBy,
    "aria-invalid": link.invalid || undefined,
    "aria-required": link.required || undefined,
  };
}

export interface FieldProps {
  label: ReactNode;
  /** Only read out; where what stands around says the same. */
  labelHidden?: boolean | undefined;
  /** A sentence below the input that helps before anything is wrong. */
  hint?: ReactNode;
  /** What is wrong and what to do; shown below the input, read out with it. */
  error?: string | undefined;
  /** Marks the field as "(optional)"; fields are required unless said otherwise. */
  optional?: boolean | undefined;
  /** Right of the label: a link or a counter. */
  aside?: ReactNode;
  /** The input's id where something else already decided on it. */
  id?: string | undefined;
  className?: string | undefined;
  children: ReactNode;
}

/** One labelled input with its hint and its error. The input inside binds itself by `useFieldLink`. */
export function Field({
  label,
  labelHidden,
  hint,
  error,
  optional,
  aside,
  id: given,
  className,
  children,
}: FieldProps) {
  const made = useId();
  const id = given ?? made;
  const hintId = `${id}-hint`;
  const errorId = `${id}-error`;
  const describedBy = [error && errorId, hint && hintId].filter(Boolean).join(" ") || undefined;
  return (
    <FieldContext value={{ id, describedBy, invalid: Boolean(error), required: !optional }}>
      <div className={cn("grid content-start gap-1", className)}>
        <div className={labelHidden ? "sr-only" : "flex items-baseline justify-between gap-2"}>
          <label htmlFor={id} className="font-medium">
            {label}
            {optional && <span className="font-normal text-muted"> (optional)</span>}
          </label>
          {aside && <span className="text-xs text-muted">{aside}</span>}
        </div>
        {children}
        {error && (
          <p id={errorId} className="flex items-start gap-1.5 text-xs text-bad">
            <Icon icon={CircleAlert} />
            <span>{error}</span>
          </p>
        )}
        {hint && (
          <p id={hintId} className="text-xs text-muted">
            {hint}
          </p>
        )}
      </div>
    </FieldContext>
  );
}
