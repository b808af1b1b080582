import { useQuery } from "@tanstack/react-query";
import { useWorkspace } from "../../../lib/session.ts";
import { Button } from "../../../ui/button.tsx";
import { DiagnosisCard } from "../../../ui/diagnosis-card.tsx";
import { explainError } from "../../../ui/states.tsx";
import { connectionQuery } from "../api.ts";
import { MendConnection } from "../mend-button.tsx";

export interface SourceFailureProps {
  connection: string;
  /** What could not be done: "The folders could not be listed". */
  what: string;
  error: unknown;
  onRetry: () => unknown;
}

/** A source that did not answer as it should: the connection mended where that is what it takes, else asked again. */
export function SourceFailure({ connection, what, error, onRetry }: SourceFailureProps) {
  const workspace = useWorkspace();
  // What failed may have told the server more about the connection than was known before.
  const { data } = useQuery({ ...connectionQuery(workspace.id, connection), refetchOnMount: "always" });
  const { cause, next, requestId } = explainError(error);
  const lost = data?.status === "needs_authorization" || data?.status === "inactive";
  return (
    <DiagnosisCard
      status={lost ? "needs_authorization" : "failed"}
      what={lost ? `“${data.name}” is no longer signed in` : `${what}.`}
      effect={`${cause} ${lost ? "Sign in, then come back: your draft is kept." : next}`}
      action={
        lost ? (
          <MendConnection connection={connection} kind="primary" />
        ) : (
          <Button onClick={() => void onRetry()}>Try again</Button>
        )
      }
      details={
        requestId && (
          <span>
            Request <code className="select-all">{requestId}</code>
          </span>
        )
      }
    />
  );
}
