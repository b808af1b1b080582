import { useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import type { ConnectionView } from "../../lib/contract.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { Button, ButtonLink } from "../../ui/button.tsx";
import { DiagnosisCard } from "../../ui/diagnosis-card.tsx";
import { ScopeList } from "../../ui/sign-in/scope-list.tsx";
import { useAuthorize } from "../../ui/sign-in/use-authorize.ts";
import type { Status } from "../../ui/status-badge.tsx";

const outcomes = [
  "connected",
  "denied",
  "expired",
  "wrong_account",
  "scope_missing",
  "provider_down",
  "app_misconfigured",
  "provider_changed",
  "not_allowed",
  "failed",
] as const;
export type Outcome = (typeof outcomes)[number];

/** How the sign-in at the provider went, told once: the address forgets it at once, the page as soon as something newer is known. */
export function useOutcome(): [outcome: Outcome | undefined, forget: () => void] {
  const { outcome: told } = useSearch({ strict: false });
  const [outcome, setOutcome] = useState<Outcome | undefined>(() => outcomes.find((one) => one === told));
  const navigate = useNavigate();
  useEffect(() => {
    if (told === undefined) return;
    void navigate({
      to: ".",
      search: ({ outcome: _, ...rest }: Record<string, string | undefined>) => rest,
      replace: true,
      resetScroll: false,
    });
  }, [told, navigate]);
  return [outcome, () => setOutcome(undefined)];
}

interface OutcomeCardProps {
  outcome: Outcome;
  connection: ConnectionView;
  providerName: string;
  /** What is asked for. */
  scopes: readonly string[];
  /** Only where syncs can read from it. */
  hasFiles: boolean;
  onMendApp: () => void;
}

/** Back from the provider: what happened there, and the one button that goes on. */
export function OutcomeCard({ outcome, connection, providerName, scopes, hasFiles, onMendApp }: OutcomeCardProps) {
  const workspace = useWorkspace();
  const forbidden = useForbidden("admin");
  const { busy, authorize } = useAuthorize(connection.id);
  const again = (
    <Button kind="primary" busy={busy} disabled={forbidden} onClick={() => void authorize()}>
      Try again
    </Button>
  );
  const account = connection.account?.label;
  const movable = connection.used_by.syncs === 0;
  const words: Record<Outcome, { status: Status; what: ReactNode; effect: ReactNode; action?: ReactNode }> = {
    connected: {
      status: "active",
      what: `Signed in${account ? ` as ${account}` : ` at ${providerName}`}`,
      effect:
        connection.status === "active"
          ? "The first test passed. What waited for it goes on by itself."
          : "The sign-in worked, the first test after it did not: see below.",
      action: hasFiles && connection.used_by.syncs === 0 && connection.status === "active" && (
        <ButtonLink
          kind="primary"
          to="/w/$workspace/syncs/new"
          params={{ workspace: workspace.slug }}
          search={{ connection: connection.id }}
        >
          Create a sync
        </ButtonLink>
      ),
    },
    denied: {
      status: "cancelled",
      what: `You did not agree at ${providerName}`,
      effect: "Nothing was changed. Without your agreement Hawser cannot use the account.",
      action: again,
    },
    expired: {
      status: "cancelled",
      what: "The sign-in took too long",
      effect: "Each one may be finished within ten minutes, and once. Nothing was changed.",
      action: again,
    },
    wrong_account: {
      status: "needs_authorization",
      what: account
        ? `You signed in with another account; this connection is ${account}’s`
        : "You signed in with another account than the one of this connection",
      effect: `Nothing was changed. Choose the right account at ${providerName}. ${
        movable
          ? "Or let this connection have the other one for good."
          : "What uses this connection counts on its account; another account needs a connection of its own."
      }`,
      action: (
        <span className="flex flex-wrap gap-2 max-md:*:flex-1">
          {movable && (
            <Button busy={busy} disabled={forbidden} onClick={() => void authorize({ other_account: true })}>
              Use the other account
            </Button>
          )}
          {again}
        </span>
      ),
    },
    scope_missing: {
      status: "needs_authorization",
      what: "You signed in, but did not allow everything that is needed",
      effect:
        connection.auth.missing_scopes.length > 0 ? (
          <>
            <p>Missing is:</p>
            <ScopeList scopes={connection.auth.missing_scopes} missing />
          </>
        ) : (
          <>
            <p>{connection.auth.set && "The sign-in of before stays as it was. "}Needed is all of this:</p>
            <ScopeList scopes={scopes} />
          </>
        ),
      action: again,
    },
    provider_down: {
      status: "unknown",
      what: `${providerName} did not answer while you were being signed in`,
      effect: "Nothing was changed. Wait a minute or two, then try again.",
      action: again,
    },
    app_misconfigured: {
      status: "failed",
      what: `${providerName} does not accept the app that Hawser signs in with`,
      effect: "Its client ID, its secret or the redirect address differs from what is registered there.",
      action: (
        <Button kind="primary" disabled={forbidden} onClick={onMendApp}>
          Check the app
        </Button>
      ),
    },
    provider_changed: {
      status: "cancelled",
      what: "The settings of this provider were changed while you signed in",
      effect: "To be safe, the answer was not used. Nothing was changed.",
      action: again,
    },
    not_allowed: {
      status: "cancelled",
      what: "You may no longer connect accounts in this workspace",
      effect: "Your role was changed while you signed in; the answer was not used. Ask an admin to do it.",
    },
    failed: {
      status: "failed",
      what: `The sign-in at ${providerName} could not be finished`,
      effect: (
        <>
          <p>
            {providerName} gave nothing that works, so nothing was changed. Where it lets people choose what to allow,
            all of this is needed:
          </p>
          <ScopeList scopes={scopes} />
        </>
      ),
      action: again,
    },
  };
  return (
    <div role="status">
      <DiagnosisCard {...words[outcome]} />
    </div>
  );
}
