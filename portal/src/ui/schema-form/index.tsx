import { lazy, Suspense } from "react";
import { Skeleton } from "../skeleton.tsx";
import type { SchemaFormProps } from "./form.tsx";

const Form = lazy(() => import("./form.tsx"));

/** A form made from a JSON Schema. Its code comes with the first page that shows one. */
export function SchemaForm(props: SchemaFormProps) {
  return (
    <Suspense fallback={<FormSkeleton />}>
      <Form {...props} />
    </Suspense>
  );
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
