import type {
  ArrayFieldItemTemplateProps,
  ArrayFieldTemplateProps,
  BaseInputTemplateProps,
  FieldTemplateProps,
  ObjectFieldTemplateProps,
} from "@rjsf/utils";
import { Plus, X } from "lucide-react";
import { Button, IconButton } from "../button.tsx";
import { Field } from "../field.tsx";
import type { FormValue } from "./form-value.ts";
import { widgets } from "./widgets.tsx";

function FieldFrame({
  id,
  label,
  rawErrors,
  rawDescription,
  required,
  displayLabel,
  hidden,
  schema,
  fieldPathId,
  children,
}: FieldTemplateProps<FormValue>) {
  if (hidden) return <div hidden>{children}</div>;
  // Objects and lists name themselves; a yes or no has its label beside its box.
  if (!displayLabel || schema.type === "boolean") return children;
  // The list above names its entries; "Names-1" would be noise, but has to be read out.
  const inList = typeof fieldPathId.path.at(-1) === "number";
  return (
    <Field id={id} label={label} labelHidden={inList} hint={rawDescription} error={rawErrors?.[0]} optional={!required}>
      {children}
    </Field>
  );
}

function ObjectFrame({ title, description, properties, fieldPathId }: ObjectFieldTemplateProps<FormValue>) {
  const fields = properties.map((property) => (
    <div key={property.name} hidden={property.hidden}>
      {property.content}
    </div>
  ));
  if (fieldPathId.path.length === 0) return <div className="grid gap-4">{fields}</div>;
  return (
    <fieldset className="grid gap-4 rounded-md border border-border px-4 py-3">
      <legend className="px-1 font-medium">{title}</legend>
      {description && <p className="text-xs text-muted">{description}</p>}
      {fields}
    </fieldset>
  );
}

function ListFrame({
  title,
  schema,
  items,
  canAdd,
  onAddClick,
  rawErrors,
  disabled,
}: ArrayFieldTemplateProps<FormValue>) {
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-1 font-medium">{title}</legend>
      {schema.description && <p className="text-xs text-muted">{schema.description}</p>}
      {items}
      {rawErrors?.[0] && <p className="text-xs text-bad">{rawErrors[0]}</p>}
      {canAdd && (
        <Button icon={Plus} className="justify-self-start" disabled={disabled} onClick={(event) => onAddClick(event)}>
          Add
        </Button>
      )}
    </fieldset>
  );
}

function ListItem({ children, buttonsProps, index, hasToolbar }: ArrayFieldItemTemplateProps<FormValue>) {
  return (
    <div className="flex items-end gap-2">
      <div className="min-w-0 flex-1">{children}</div>
      {hasToolbar && buttonsProps.hasRemove && (
        <IconButton
          icon={X}
          label={`Remove entry ${index + 1}`}
          onClick={(event) => buttonsProps.onRemoveItem(event)}
        />
      )}
    </div>
  );
}

function BaseInput(props: BaseInputTemplateProps<FormValue>) {
  const isNumber = props.schema.type === "number" || props.schema.type === "integer";
  const Widget = isNumber ? widgets.number : widgets.TextWidget;
  return Widget ? <Widget {...props} /> : null;
}

const Nothing = () => null;

export const templates = {
  FieldTemplate: FieldFrame,
  ObjectFieldTemplate: ObjectFrame,
  ArrayFieldTemplate: ListFrame,
  ArrayFieldItemTemplate: ListItem,
  BaseInputTemplate: BaseInput,
  DescriptionFieldTemplate: Nothing,
  FieldErrorTemplate: Nothing,
  FieldHelpTemplate: Nothing,
};
