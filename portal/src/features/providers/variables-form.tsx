import { Plus, X } from "lucide-react";
import { Button, IconButton } from "../../ui/button.tsx";
import { TextInput } from "../../ui/input.tsx";
import { type Draft, draftsAt, put, replaceAt, textAt } from "./draft.ts";
import { useRefusal } from "./fields.tsx";

/** What each connection fills in, as `{name}` in addresses and paths. */
export function VariablesForm({ draft, onChange }: { draft: Draft; onChange: (draft: Draft) => void }) {
  const variables = draftsAt(draft, "variables");
  const refusal = useRefusal("/definition/variables");
  const set = (next: readonly Draft[]) => onChange(put(draft, "variables", next));
  return (
    <fieldset className="grid gap-1.5">
      <legend className="font-medium">
        Variables <span className="font-normal text-muted">(optional)</span>
      </legend>
      {variables.length === 0 && (
        <p className="text-xs text-muted">For parts of the address that differ by connection, such as a subdomain.</p>
      )}
      {variables.map((variable, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other identity than their place
        <div key={place} className="flex items-center gap-1.5">
          {(["name", "label", "pattern"] as const).map((member) => (
            <TextInput
              key={member}
              aria-label={`${heads[member]} of variable ${place + 1}`}
              placeholder={heads[member]}
              mono={member !== "label"}
              value={textAt(variable, member)}
              onChange={(value) => set(replaceAt(variables, place, put(variable, member, value)))}
            />
          ))}
          <IconButton
            icon={X}
            label={`Remove variable ${place + 1}`}
            onClick={() => set(replaceAt(variables, place, undefined))}
          />
        </div>
      ))}
      {refusal && <p className="text-xs text-bad">{refusal}</p>}
      <Button
        kind="quiet"
        size="small"
        icon={Plus}
        className="justify-self-start"
        onClick={() => set([...variables, { name: "", label: "" }])}
      >
        Variable
      </Button>
    </fieldset>
  );
}

const heads = { name: "name", label: "Label", pattern: "Pattern (optional)" };
