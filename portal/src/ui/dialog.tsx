import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { type FormEvent, type ReactNode, type RefObject, useState } from "react";
import { cn } from "../lib/cn.ts";
import { Button } from "./button.tsx";
import { Field } from "./field.tsx";
import { Icon } from "./icon.tsx";
import { TextInput } from "./input.tsx";
import { explainError } from "./states.tsx";

export interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** One sentence below the title. */
  description?: ReactNode;
  children?: ReactNode;
  /** Buttons, right-aligned, the one that acts last. */
  footer?: ReactNode;
  wide?: boolean | undefined;
  /** Where the focus begins; the first field or button if not given. */
  initialFocus?: RefObject<HTMLElement | null> | undefined;
}

/** A question that has to be answered before anything else. Focus goes in, stays, and comes back. */
export function Dialog({ open, onOpenChange, title, description, children, footer, wide, initialFocus }: DialogProps) {
  return (
    <Base.Root open={open} onOpenChange={(next) => onOpenChange(next)}>
      <Base.Portal>
        <Base.Backdrop className="veil fixed inset-0 z-40" />
        <Base.Popup
          {...(initialFocus ? { initialFocus } : {})}
          className={cn(
            "layer-in fixed inset-x-0 top-[12dvh] z-40 mx-auto flex max-h-[80dvh] w-[calc(100%-32px)] flex-col rounded-lg border border-border bg-card shadow-layer",
            wide ? "max-w-180" : "max-w-112",
          )}
        >
          <div className="px-5 pt-4 pr-12 pb-1">
            <Base.Title className="text-base font-semibold wrap-anywhere">{title}</Base.Title>
            {description && <Base.Description className="mt-1 text-muted">{description}</Base.Description>}
          </div>
          {children && <div className="min-h-0 flex-1 overflow-y-auto px-5 py-3">{children}</div>}
          {footer && <div className="flex flex-wrap justify-end gap-2 px-5 pt-2 pb-4">{footer}</div>}
          <CloseButton />
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

/** Stands last, so that the focus begins at what the layer is about and not at the way out. */
export function CloseButton() {
  return (
    <Base.Close
      aria-label="Close"
      className="absolute top-3 right-3 grid size-8 place-items-center rounded-md text-muted hover:bg-hover hover:text-foreground pointer-coarse:size-11"
    >
      <Icon icon={X} />
    </Base.Close>
  );
}

export interface ConfirmDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** The thing: "Delete 'Drawings'?" */
  title: string;
  /** The effect in figures: "Its runs go; 12,431 files stay at the destination." */
  children: ReactNode;
  /** The verb: "Delete sync". */
  verb: string;
  /** Closes the dialog when it succeeds; a failure is shown in it. */
  onConfirm: () => Promise<unknown>;
  /** Must be typed before the button works; only for what cannot come back and takes much with it. */
  typeToConfirm?: string | undefined;
  danger?: boolean | undefined;
}

/** For what reaches outside or cannot return. What can be taken back is done at once, with a toast that undoes it. */
export function ConfirmDialog({
  open,
  onOpenChange,
  title,
  children,
  verb,
  onConfirm,
  typeToConfirm,
  danger = true,
}: ConfirmDialogProps) {
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const ready = typeToConfirm === undefined || typed === typeToConfirm;

  const close = (next: boolean) => {
    setTyped("");
    setFailure(undefined);
    onOpenChange(next);
  };

  const confirm = async (event: FormEvent) => {
    event.preventDefault();
    if (!ready || busy) return;
    setBusy(true);
    setFailure(undefined);
    try {
      await onConfirm();
      close(false);
    } catch (error) {
      const { cause, next } = explainError(error);
      setFailure(`${cause} ${next}`);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog open={open} onOpenChange={close} title={title}>
      <form onSubmit={confirm} className="grid gap-4">
        <div>{children}</div>
        {typeToConfirm !== undefined && (
          <Field label={`Type “${typeToConfirm}” to go on`}>
            <TextInput value={typed} onChange={setTyped} autoComplete="off" />
          </Field>
        )}
        {failure && (
          <p role="alert" className="text-bad">
            {failure}
          </p>
        )}
        <div className="flex flex-wrap justify-end gap-2 pb-1">
          <Button onClick={() => close(false)}>Cancel</Button>
          <Button type="submit" kind={danger ? "danger" : "primary"} busy={busy} disabled={!ready}>
            {verb}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
