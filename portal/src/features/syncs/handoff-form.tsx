import { useQuery } from "@tanstack/react-query";
import type { Destination, HandoffChoice } from "../../lib/contract.ts";
import { useWorkspace } from "../../lib/session.ts";
import { Field } from "../../ui/field.tsx";
import { Select } from "../../ui/input.tsx";
import { Link } from "../../ui/link.tsx";
import { FailedState } from "../../ui/states.tsx";
import { receiversQuery } from "./handoff-api.ts";

export interface HandoffFormProps {
  value: HandoffChoice;
  onChange: (value: HandoffChoice) => void;
  destination: Destination["kind"];
  error?: string | undefined;
  disabled?: boolean | undefined;
}

/** Who is told of every file that is stored. */
export function HandoffForm({ value, onChange, destination, error, disabled }: HandoffFormProps) {
  const workspace = useWorkspace();
  const receivers = useQuery(receiversQuery(workspace.id));
  if (destination === "none" && value === null) {
    return <p className="text-muted">A sync that keeps metadata only has no files to hand over.</p>;
  }
  if (receivers.error && !receivers.data) {
    return <FailedState what="The receivers could not be loaded" error={receivers.error} onRetry={receivers.refetch} />;
  }
  const known = receivers.data ?? [];
  if (receivers.data && known.length === 0 && value === null) {
    return (
      <p className="text-muted">
        Nobody takes documents in this workspace yet.{" "}
        <Link to="/w/$workspace/catalog" params={{ workspace: workspace.slug }}>
          Connect Document processing
        </Link>{" "}
        to hand stored files over to a service of your own.
      </p>
    );
  }
  return (
    <Field
      label="Hand stored files over to"
      optional
      hint="It is told of every version that is stored from then on, signed and at least once."
      error={error}
    >
      <Select
        value={value?.connection_id ?? ""}
        onChange={(connection_id) => onChange(connection_id === "" ? null : { connection_id })}
        disabled={disabled || !receivers.data}
        options={[
          { value: "", label: "Nobody" },
          ...known.map(({ id, name, account }) => ({
            value: id,
            label: account ? `${name} (${account.label})` : name,
          })),
          // One that is gone, or not loaded yet, is still what is chosen.
          ...(value && !known.some(({ id }) => id === value.connection_id)
            ? [{ value: value.connection_id, label: "The one that is chosen now" }]
            : []),
        ]}
      />
    </Field>
  );
}
