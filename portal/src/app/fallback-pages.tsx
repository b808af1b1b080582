import type { ErrorComponentProps } from "@tanstack/react-router";
import { Compass } from "lucide-react";
import { ApiError } from "../lib/api.ts";
import { ButtonHref } from "../ui/button.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { Skeleton } from "../ui/skeleton.tsx";
import { EmptyState, FailedState } from "../ui/states.tsx";

/** The same answer for what does not exist and for what belongs to somebody else. */
export function NotFoundPage() {
  return (
    <div className="grid gap-4">
      <PageHead title="Nothing here" />
      <EmptyState
        icon={Compass}
        title="There is nothing here, or you have no access to it"
        action={<ButtonHref href="/">Go to Home</ButtonHref>}
      >
        The address may be mistyped, the thing may have been deleted, or it belongs to a workspace you are not a member
        of.
      </EmptyState>
    </div>
  );
}

/** A page that could not be shown at all. */
export function ErrorPage({ error, reset }: ErrorComponentProps) {
  if (error instanceof ApiError && error.code === "not_found") return <NotFoundPage />;
  return (
    <div className="grid gap-4">
      <PageHead title="This page could not be shown" />
      <FailedState what="Something is in the way" error={error} onRetry={reset} />
    </div>
  );
}

/** The same two where there is no shell around them. */
export function OutsideNotFoundPage() {
  return (
    <main className="mx-auto max-w-160 p-6">
      <NotFoundPage />
    </main>
  );
}

export function OutsideErrorPage(props: ErrorComponentProps) {
  return (
    <main className="mx-auto max-w-160 p-6">
      <ErrorPage {...props} />
    </main>
  );
}

/** While the code or the first data of a page is on its way. */
export function PendingPage() {
  return (
    <div role="status" aria-label="Loading" className="grid gap-4">
      <Skeleton className="h-7 w-48" />
      <Skeleton className="w-80" />
      <Skeleton className="h-64" />
    </div>
  );
}
