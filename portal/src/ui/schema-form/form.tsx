// The package's front door also loads its test helpers, which want a validator that the page policy forbids.
import Form from "@rjsf/core/lib/components/Form.js";
import type { RJSFSchema, RJSFValidationError, UiSchema } from "@rjsf/utils";
import { toErrorSchema } from "@rjsf/utils";
import { type ReactNode, useMemo, useState } from "react";
import type { FieldError } from "../../lib/api.ts";
import type { FormValue } from "./form-value.ts";
import { templates } from "./templates.tsx";
import { validator } from "./validator.ts";
import { widgets } from "./widgets.tsx";

export interface SchemaFormProps {
  /** JSON Schema as the server gives it: an object with `title` and `description` per property. */
  schema: Record<string, unknown>;
  /** Hints for looks only: `{ token: { "ui:widget": "password" } }`. */
  uiSchema?: UiSchema | undefined;
  value: FormValue;
  onChange: (value: FormValue) => void;
  /** Called when everything is valid; otherwise the first wrong field gets the focus. */
  onSubmit: (value: FormValue) => void;
  /** What the server refused, as it came; pointers below `prefix` land on their fields. */
  serverErrors?: readonly FieldError[] | undefined;
  /** Where the value sits in the request body: "/config". */
  prefix?: string | undefined;
  disabled?: boolean | undefined;
  /** For a submit button outside: `<Button type="submit" form={formId}>`. */
  formId?: string | undefined;
  /** Buttons inside the form, below the fields. */
  children?: ReactNode;
}

export default function SchemaFormBody({
  schema,
  uiSchema,
  value,
  onChange,
  onSubmit,
  serverErrors,
  prefix = "",
  disabled,
  formId,
  children,
}: SchemaFormProps) {
  const extraErrors = useMemo(
    () => toErrorSchema<FormValue>(atFields(serverErrors ?? [], prefix)),
    [serverErrors, prefix],
  );
  const [isWrong, setWrong] = useState(false);
  // The form's own heading would repeat the page's.
  const untitled = useMemo(() => ({ ...schema, title: undefined, description: undefined }) as RJSFSchema, [schema]);
  return (
    <Form<FormValue>
      id={formId ?? "schema-form"}
      idPrefix={formId ?? "schema-form"}
      schema={untitled}
      uiSchema={{ ...uiSchema, "ui:submitButtonOptions": { norender: true } }}
      formData={value}
      validator={validator}
      templates={templates}
      widgets={widgets}
      extraErrors={extraErrors}
      disabled={disabled ?? false}
      // What is wrong goes as it is mended. Gone only on leaving the field, it would move the button that is being pressed.
      liveValidate={isWrong ? "onChange" : "onBlur"}
      showErrorList={false}
      focusOnFirstError
      noHtml5Validate
      onChange={({ formData, errors }) => {
        setWrong(errors.length > 0);
        onChange(formData ?? {});
      }}
      onSubmit={(event) => onSubmit(event.formData ?? {})}
      onError={() => setWrong(true)}
      experimental_defaultFormStateBehavior={{ emptyObjectFields: "populateRequiredDefaults" }}
    >
      {children ? <div className="mt-5">{children}</div> : <span />}
    </Form>
  );
}

function atFields(errors: readonly FieldError[], prefix: string): RJSFValidationError[] {
  return errors
    .filter((error) => error.pointer.startsWith(prefix))
    .map((error) => ({
      property: error.pointer
        .slice(prefix.length)
        .split("/")
        .slice(1)
        .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
        .join("."),
      message: error.detail,
      stack: error.detail,
    }));
}
