import type { UiSchema } from "@rjsf/utils";
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
  /** It is what the sheet is about: the cursor begins in its first field. */
  autoFocus?: boolean | undefined;
  disabled?: boolean | undefined;
}

/** What a person enters for a way to sign in. Always empty at first: no value ever comes back from the server. */
export function CredentialForm({ way, onSubmit, autoFocus = false, ...rest }: CredentialFormProps) {
  const uiSchema = useMemo(() => looksOf(way.credential_schema, autoFocus), [way.credential_schema, autoFocus]);
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
function looksOf(schema: Record<string, unknown>, autoFocus: boolean): Record<string, UiSchema> {
  return Object.fromEntries(
    Object.entries(propertiesOf(schema)).map(([name, field], place) => [
      name,
      {
        ...(isKeyFile(field) && { "ui:widget": "keyFile" }),
        ...(autoFocus && place === 0 && { "ui:autofocus": true }),
      },
    ]),
  );
}

const isKeyFile = (field: unknown): boolean =>
  typeof field === "object" && field !== null && "format" in field && field.format === "key-file";

function propertiesOf({ properties }: Record<string, unknown>): Record<string, unknown> {
  return typeof properties === "object" && properties !== null ? { ...properties } : {};
}
