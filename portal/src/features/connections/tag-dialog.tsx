import { type FormEvent, useState } from "react";
import { formatAmount } from "../../lib/format.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field } from "../../ui/field.tsx";
import { TextInput } from "../../ui/input.tsx";

interface TagDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  count: number;
  /** Offered while typing. */
  known: readonly string[];
  onTag: (tag: string) => Promise<void>;
}

/** Adds one tag to the chosen connections. */
export function TagDialog({ open, onOpenChange, count, known, onTag }: TagDialogProps) {
  const [tag, setTag] = useState("");
  const [busy, setBusy] = useState(false);
  const clean = tag.trim();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (clean === "" || busy) return;
    setBusy(true);
    await onTag(clean);
    setBusy(false);
    setTag("");
    onOpenChange(false);
  };
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={`Tag ${formatAmount(count, "connection")}`}>
      <form onSubmit={submit} className="grid gap-4 pb-2">
        <Field label="Tag" hint="Added to those that do not have it yet.">
          <TextInput value={tag} onChange={setTag} maxLength={64} autoComplete="off" list="known-tags" />
        </Field>
        <datalist id="known-tags">
          {known.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
        <Button type="submit" kind="primary" busy={busy} disabled={clean === ""} className="justify-self-end">
          Add the tag
        </Button>
      </form>
    </Dialog>
  );
}
