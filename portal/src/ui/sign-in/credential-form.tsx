import { useMemo } from "react";
import type { FieldError } from "../../lib/api.ts";
import type { SignIn } from "../../lib/contract.ts";
import { SchemaForm } from "../schema-form/index.tsx";

export type CredentialValues = Record<string, string>;

interface CredentialFormProps {
  way: SignIn;
  value: Record<string, unknown>;
  onChange: (value: Record<string, unknown>) => void;
  onSubmit: (value: CredentialValues) => void;
  serverErrors: readonly FieldError[];
  formId: string;
  disabled?: boolean | undefined;
}

/** What a person enters for a way to sign in. Always empty at first: no value ever comes back from the server. */
export function CredentialForm({ way, onSubmit, ...rest }: CredentialFormProps) {
  const uiSchema = useMemo(() => widgetsFor(way.credential_schema), [way.credential_schema]);
  return (
    <SchemaForm
      {...rest}
      schema={way.credential_schema}
      uiSchema={uiSchema}
      prefix="/credential"
      onSubmit={(value) => onSubmit(toTexts(value))}
    />
  );
}

/** Whether a way asks for anything at all. */
export function asksForCredential(way: SignIn): boolean {
  return Object.keys(propertiesOf(way.credential_schema)).length > 0;
}

/** Every field of a credential is a text. */
export const toTexts = (value: Record<string, unknown>): CredentialValues =>
  Object.fromEntries(Object.entries(value).flatMap(([name, one]) => (typeof one === "string" ? [[name, one]] : [])));

/** A key file is dropped or pasted; the form itself knows how a password is typed. */
function widgetsFor(schema: Record<string, unknown>): Record<string, { "ui:widget": string }> {
  return Object.fromEntries(
    Object.entries(propertiesOf(schema)).flatMap(([name, field]) =>
      typeof field === "object" && field !== null && "format" in field && field.format === "key-file"
        ? [[name, { "ui:widget": "keyFile" }]]
        : [],
    ),
  );
}

function propertiesOf({ properties }: Record<string, unknown>): Record<string, unknown> {
  return typeof properties === "object" && properties !== null ? { ...properties } : {};
}
