import type { FieldError } from "../../lib/api.ts";
import type { Body } from "../../lib/contract.ts";
import { Field } from "../field.tsx";
import { Select, Textarea, TextInput } from "../input.tsx";
import { PairsEditor } from "../pairs-editor.tsx";

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;
type Method = (typeof methods)[number];

/** A request as somebody writes it. */
export interface OwnRequest {
  method: Method;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  bodyKind: "none" | "json" | "form" | "text";
  body: string;
  form: Record<string, string>;
  mediaType: string;
}

export const emptyRequest: OwnRequest = {
  method: "GET",
  path: "/",
  query: {},
  headers: {},
  bodyKind: "none",
  body: "",
  form: {},
  mediaType: "text/plain",
};

type Sent = NonNullable<Body<"connections.call">["request"]>;

/** The request as the API takes it. A body that is no JSON goes as a text: the server says what is wrong with it. */
export function toRequest(own: OwnRequest): Sent {
  const { method, path, query, headers } = own;
  return { method, path, query, headers, ...(mayHaveBody(method) && toBody(own)) };
}

const mayHaveBody = (method: Method) => method !== "GET" && method !== "HEAD";

function toBody({ bodyKind, body, form, mediaType }: OwnRequest): Pick<Sent, "body"> {
  if (bodyKind === "form") return { body: { form } };
  if (bodyKind === "text") return { body: { text: body, media_type: mediaType } };
  if (bodyKind === "none") return {};
  try {
    return { body: { json: JSON.parse(body) } };
  } catch {
    return { body: { text: body, media_type: "application/json" } };
  }
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

interface OwnRequestFormProps {
  baseUrl: string;
  value: OwnRequest;
  onChange: (request: OwnRequest) => void;
  errors: readonly FieldError[];
}

export function OwnRequestForm({ baseUrl, value, onChange, errors }: OwnRequestFormProps) {
  const change = (part: Partial<OwnRequest>) => onChange({ ...value, ...part });
  const errorAt = (pointer: string) => errors.find((error) => error.pointer.startsWith(pointer))?.detail;
  return (
    <div className="grid grid-cols-1 gap-4">
      <div className="grid grid-cols-[104px_minmax(0,1fr)] gap-2">
        <Field label="Method">
          <Select
            value={value.method}
            onChange={(method) => change({ method })}
            options={methods.map((method) => ({ value: method, label: method }))}
          />
        </Field>
        <Field
          label="Path"
          error={errorAt("/request/path")}
          hint={<span className="font-mono wrap-anywhere">{baseUrl}</span>}
        >
          <TextInput
            mono
            value={value.path}
            onChange={(path) => change({ path })}
            placeholder="/users/1"
            maxLength={8192}
          />
        </Field>
      </div>
      <PairsEditor
        label="Query value"
        hint="A parameter behind the ? of the address"
        keyLabel="Name"
        valueLabel="Value"
        value={value.query}
        onChange={(query) => change({ query })}
      />
      <PairsEditor
        label="Header"
        hint="The credential is added by Hawser"
        keyLabel="Name"
        valueLabel="Value"
        value={value.headers}
        onChange={(headers) => change({ headers })}
      />
      {errorAt("/request/headers") && <p className="text-xs text-bad">{errorAt("/request/headers")}</p>}
      {mayHaveBody(value.method) && (
        <>
          <Field label="Body">
            <Select
              value={value.bodyKind}
              onChange={(bodyKind) => change({ bodyKind })}
              options={[
                { value: "none", label: "None" },
                { value: "json", label: "JSON" },
                { value: "form", label: "Form" },
                { value: "text", label: "Text" },
              ]}
            />
          </Field>
          {value.bodyKind === "form" && (
            <PairsEditor
              label="Form value"
              hint="A field of the form"
              keyLabel="Name"
              valueLabel="Value"
              value={value.form}
              onChange={(form) => change({ form })}
            />
          )}
          {value.bodyKind === "text" && (
            <Field label="Media type">
              <TextInput mono value={value.mediaType} onChange={(mediaType) => change({ mediaType })} />
            </Field>
          )}
          {(value.bodyKind === "json" || value.bodyKind === "text") && (
            <Field
              label={value.bodyKind === "json" ? "JSON" : "Text"}
              error={
                errorAt("/request/body") ??
                (value.bodyKind === "json" && value.body !== "" && !isJson(value.body)
                  ? "This is not JSON yet."
                  : undefined)
              }
            >
              <Textarea mono rows={6} value={value.body} onChange={(body) => change({ body })} spellCheck={false} />
            </Field>
          )}
        </>
      )}
    </div>
  );
}
