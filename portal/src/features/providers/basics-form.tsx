import { Field } from "../../ui/field.tsx";
import { TextInput } from "../../ui/input.tsx";
import { PairsEditor } from "../../ui/pairs-editor.tsx";
import { type Draft, draftAt, pairsAt, put, textAt } from "./draft.ts";
import { TextSetting, useRefusal } from "./fields.tsx";
import { VariablesForm } from "./variables-form.tsx";

export interface Naming {
  name: string;
  onName: (name: string) => void;
  error: string | undefined;
  hint: string | undefined;
}

interface BasicsFormProps {
  draft: Draft;
  onChange: (draft: Draft) => void;
  /** Absent once the provider is there: its name is fixed then. */
  naming?: Naming | undefined;
}

/** What the provider is called, where it is, and what every request carries. */
export function BasicsForm({ draft, onChange, naming }: BasicsFormProps) {
  const nameError = useRefusal("/name");
  const shared = { draft, onChange, at: "/definition" };
  return (
    <div className="grid gap-5">
      <TextSetting {...shared} name="display_name" label="Title" placeholder="Harbour ERP" />
      {naming && (
        <Field
          label="Name"
          error={naming.error ?? nameError}
          hint={
            naming.hint ?? "Small letters, digits and hyphens. Files and connections refer to it; it stays as it is."
          }
        >
          <TextInput
            mono
            value={naming.name}
            onChange={naming.onName}
            placeholder="harbour-erp"
            maxLength={63}
            autoComplete="off"
          />
        </Field>
      )}
      <TextSetting {...shared} name="description" label="Description" optional lines={2} />
      <TextSetting
        {...shared}
        name="base_url"
        label="Base address"
        mono
        placeholder="https://api.example.com/v1"
        hint="Everything is called below this address, and nowhere else. {name} stands for a variable."
      />
      <VariablesForm draft={draft} onChange={onChange} />
      <section className="grid gap-1.5" aria-label="Headers of every request">
        <p className="font-medium">
          Headers of every request <span className="font-normal text-muted">(optional)</span>
        </p>
        <p className="text-xs text-muted">
          Not the sign-in. A value may be a workspace secret: <code>{"{{workspace.its_name}}"}</code>
        </p>
        <PairsEditor
          label="Header"
          hint="{{workspace.name}} stands for a workspace secret"
          keyLabel="Name"
          valueLabel="Value"
          value={pairsAt(draft, "headers")}
          onChange={(headers) => onChange(put(draft, "headers", headers))}
        />
        <Refusal at="/definition/headers" />
      </section>
      <CheckForm draft={draft} onChange={onChange} />
    </div>
  );
}

/** The request that tells whether a connection works, and whose account it is. */
function CheckForm({ draft, onChange }: Pick<BasicsFormProps, "draft" | "onChange">) {
  const check = draftAt(draft, "check");
  const setCheck = (next: Draft) => onChange(put(draft, "check", next));
  const account = {
    draft: draftAt(check, "account"),
    onChange: (next: Draft) => setCheck(put(check, "account", next)),
    at: "/definition/check/account",
  };
  return (
    <>
      <TextSetting
        draft={check}
        // Without a path there is no test, and nothing to read an account off.
        onChange={(next) => setCheck(textAt(next, "path") === "" ? {} : next)}
        at="/definition/check"
        name="path"
        label="Path of the test"
        optional
        mono
        placeholder="/me"
        hint="Asked by Test and by the health checks: the cheapest request that needs the credential."
      />
      {textAt(check, "path") !== "" && (
        <div className="grid grid-cols-2 gap-3 max-md:grid-cols-1">
          <TextSetting
            {...account}
            name="id"
            label="Id of the account in its answer"
            optional
            mono
            placeholder="$.id"
            hint="By which another account is noticed. Without it, the address stands for the account."
          />
          <TextSetting
            {...account}
            name="label"
            label="Name of the account in its answer"
            optional
            mono
            placeholder="$.name"
          />
        </div>
      )}
    </>
  );
}

function Refusal({ at }: { at: string }) {
  const detail = useRefusal(at);
  return detail ? <p className="text-xs text-bad">{detail}</p> : null;
}
