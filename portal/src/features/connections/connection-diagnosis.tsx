import type { ReactNode } from "react";
import type { ConnectionView } from "../../lib/contract.ts";
import { formatDay } from "../../lib/format.ts";
import { useForbidden } from "../../lib/session.ts";
import { Button } from "../../ui/button.tsx";
import { DiagnosisCard } from "../../ui/diagnosis-card.tsx";
import { Time } from "../../ui/figures.tsx";
import { ScopeList } from "../../ui/sign-in/scope-list.tsx";
import { useAuthorize } from "../../ui/sign-in/use-authorize.ts";
import { endReason, endsSoon, waitingWords } from "./words.ts";

export interface Mending {
  testing: boolean;
  onTest: () => void;
  onEnterCredential: () => void;
  onMendApp: () => void;
}

interface DiagnosisProps extends Mending {
  connection: ConnectionView;
  providerName: string;
}

/** What is wrong with a connection, if anything: cause, since when, what it holds up, whose turn, and the button. */
export function ConnectionDiagnosis(props: DiagnosisProps) {
  const { connection, providerName } = props;
  const { status, failure, life, mend, auth } = connection;
  if (status === "active" && mend === "none") {
    return endsSoon(connection) ? <EndsSoon {...props} /> : null;
  }
  const since = failure?.at ?? life?.failing_since;
  const never = status === "inactive" && !auth.set;
  return (
    <DiagnosisCard
      status={status === "error" ? "failed" : status === "active" ? "unknown" : "needs_authorization"}
      tone={never ? "warning" : undefined}
      what={whatHappened(props)}
      effect={
        <>
          {since && !never && (
            <>
              Since <Time at={since} as="clock" />.{" "}
            </>
          )}
          {status === "active" ? "What uses it goes on for now." : waitingWords(connection)} <Turn {...props} />
          {auth.missing_scopes.length > 0 && (
            <div className="grid gap-1 pt-1.5">
              <p>{providerName} did not allow:</p>
              <ScopeList scopes={auth.missing_scopes} missing />
            </div>
          )}
        </>
      }
      action={<MendButton {...props} />}
      details={failure && <span>Kind: {failure.kind}</span>}
    />
  );
}

function whatHappened({ connection, providerName }: DiagnosisProps): string {
  const { status, failure, mend, auth } = connection;
  if (status === "inactive" && !auth.set) {
    if (connection.account) return "It is disconnected: nothing is kept to sign in with";
    return mend === "set_oauth_client"
      ? `${providerName} lets people in only through an app that is registered there`
      : mend === "authorize"
        ? `Nobody has signed in at ${providerName} yet`
        : "No credential has been entered yet";
  }
  if (failure) return failure.message;
  if (status === "active") {
    return mend === "set_oauth_client"
      ? `${providerName} does not accept the app that Hawser signs in with`
      : "Renewing this sign-in fails";
  }
  if (status === "needs_authorization") return `${providerName} no longer accepts this sign-in`;
  return "The last test of this connection failed";
}

function Turn({ connection }: DiagnosisProps): ReactNode {
  const { mend, life, next_check_at } = connection;
  const at = life?.retry_at ?? next_check_at;
  switch (mend) {
    case "authorize":
      return "It is your turn: sign in, and what waited goes on by itself.";
    case "enter_credential":
      return "It is your turn: enter one that is valid, and what waited goes on by itself.";
    case "set_oauth_client":
      return "It is your turn: enter the app’s ID and secret, then sign in.";
    case "test":
      return "It is your turn: put it right, then test it.";
    case "wait":
    case "none":
      return at ? (
        <>
          Nobody has to do anything: Hawser tries again at <Time at={at} as="clock" />.
        </>
      ) : (
        "Nobody has to do anything: Hawser tries again by itself."
      );
  }
}

function MendButton({ connection, testing, onTest, onEnterCredential, onMendApp }: DiagnosisProps) {
  const noAdmin = useForbidden("admin");
  const noMember = useForbidden("member");
  const { busy, authorize } = useAuthorize(connection.id);
  switch (connection.mend) {
    case "authorize":
      return (
        <Button kind="primary" busy={busy} disabled={noAdmin} onClick={() => void authorize()}>
          {connection.auth.set || connection.account ? "Authorize again" : "Sign in"}
        </Button>
      );
    case "enter_credential":
      return (
        <Button kind="primary" disabled={noAdmin} onClick={onEnterCredential}>
          {connection.auth.set ? "Enter a new credential" : "Enter the credential"}
        </Button>
      );
    case "set_oauth_client":
      return (
        <Button kind="primary" disabled={noAdmin} onClick={onMendApp}>
          Enter the app
        </Button>
      );
    case "test":
      return (
        <Button kind="primary" busy={testing} disabled={noMember} onClick={onTest}>
          Test again
        </Button>
      );
    case "wait":
    case "none":
      return (
        <Button busy={testing} disabled={noMember} onClick={onTest}>
          Test now
        </Button>
      );
  }
}

/** Works still, and will not in a few days: a person can sign in before. */
function EndsSoon({ connection, providerName, onEnterCredential }: DiagnosisProps) {
  const forbidden = useForbidden("admin");
  const { busy, authorize } = useAuthorize(connection.id);
  const { life, auth } = connection;
  return (
    <DiagnosisCard
      status="needs_authorization"
      label="Ends soon"
      tone="warning"
      what={`This sign-in ends on ${formatDay(life?.ends_at)}`}
      effect={`Because ${endReason(life?.ends_because ?? null, providerName)}. Sign in before, and nothing has to wait.`}
      action={
        auth.type === "oauth2_authorization_code" ? (
          <Button kind="primary" busy={busy} disabled={forbidden} onClick={() => void authorize()}>
            Authorize again
          </Button>
        ) : (
          <Button kind="primary" disabled={forbidden} onClick={onEnterCredential}>
            Enter a new credential
          </Button>
        )
      }
    />
  );
}
