import type { ErrorComponentProps } from "@tanstack/react-router";
import { Compass } from "lucide-react";
import type { ReactNode } from "react";
import { ApiError } from "../lib/api.ts";
import { ButtonHref } from "../ui/button.tsx";
import { Mark } from "../ui/mark.tsx";
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
    <Outside>
      <NotFoundPage />
    </Outside>
  );
}

export function OutsideErrorPage(props: ErrorComponentProps) {
  return (
    <Outside>
      <ErrorPage {...props} />
    </Outside>
  );
}

function Outside({ children }: { children: ReactNode }) {
  return (
    <main className="mx-auto grid max-w-160 gap-6 p-6">
      <p className="flex items-center gap-2.5 text-base font-semibold">
        <Mark ground="var(--background)" />
        Hawser
      </p>
      {children}
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
