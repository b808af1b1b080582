import { lazy, Suspense } from "react";
import { Skeleton } from "../skeleton.tsx";
import type { SchemaFormProps } from "./form.tsx";

const Form = lazy(() => import("./form.tsx"));

/** A form made from a JSON Schema. Its code comes with the first page that shows one. */
export function SchemaForm(props: SchemaFormProps) {
  if (isEmpty(props.schema) && !props.children) return <NothingToFillIn {...props} />;
  return (
    <Suspense fallback={<FormSkeleton />}>
      <Form {...props} />
    </Suspense>
  );
}

/** It takes no place, waits for no code, and can be submitted all the same. */
function NothingToFillIn({ formId, value, onSubmit }: SchemaFormProps) {
  return (
    <form
      hidden
      id={formId}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit(value);
      }}
    />
  );
}

function isEmpty({ properties }: Record<string, unknown>): boolean {
  return typeof properties === "object" && properties !== null && Object.keys(properties).length === 0;
}

function FormSkeleton() {
  return (
    <div role="status" aria-label="Loading the form" className="grid gap-4">
      {["w-24", "w-32", "w-20"].map((width) => (
        <div key={width} className="grid gap-1">
          <Skeleton className={width} />
          <Skeleton className="h-8" />
        </div>
      ))}
    </div>
  );
}

export type { SchemaFormProps } from "./form.tsx";
