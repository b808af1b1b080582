import { lazy, Suspense } from "react";
import { Skeleton } from "../skeleton.tsx";
import type { SchemaFormProps } from "./form.tsx";

const Form = lazy(() => import("./form.tsx"));

/** A form made from a JSON Schema. Its code comes with the first page that shows one. */
export function SchemaForm(props: SchemaFormProps) {
  const body = <Form {...props} />;
  // Nothing to fill in: it takes no place, and can be submitted all the same.
  if (isEmpty(props.schema) && !props.children) {
    return (
      <div hidden>
        <Suspense>{body}</Suspense>
      </div>
    );
  }
  return <Suspense fallback={<FormSkeleton />}>{body}</Suspense>;
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
