import type { ReactNode } from "react";
import { staysHere } from "../../lib/catalog.ts";
import type { CheckResult, ConnectionView, ProviderView } from "../../lib/contract.ts";
import { formatAmount } from "../../lib/format.ts";
import { useForbidden } from "../../lib/session.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { CheckAnswer } from "../../ui/check-answer.tsx";
import { Time } from "../../ui/figures.tsx";
import { ScopeList } from "../../ui/sign-in/scope-list.tsx";
import { LifeLine } from "./life-line.tsx";

interface AccountCardProps {
  connection: ConnectionView;
  provider: ProviderView | undefined;
  result: CheckResult | undefined;
  testing: boolean;
  /** Absent where the diagnosis above has the same button. */
  onTest: (() => void) | undefined;
}

/** Whose account it is, how it is signed in, how long that holds, and who receives data. */
export function AccountCard({ connection, provider, result, testing, onTest }: AccountCardProps) {
  const forbidden = useForbidden("member");
  const { account, auth, checked_at, next_check_at, life } = connection;
  const name = provider?.name ?? connection.provider;
  const way = provider?.sign_in.find((one) => one.type === auth.type);
  return (
    <Card
      title="Account"
      action={
        onTest && (
          <Button busy={testing} disabled={forbidden} onClick={onTest}>
            Test
          </Button>
        )
      }
    >
      <div className="grid grid-cols-1 gap-3 px-4 py-3">
        <dl className="grid grid-cols-[140px_minmax(0,1fr)] gap-x-4 gap-y-1.5 max-md:grid-cols-1 max-md:gap-y-0.5 max-md:[&>dd]:mb-1.5">
          <Row name="Account">{account?.label ?? "not known until a test passes"}</Row>
          {auth.type !== "none" && (
            <Row name="Sign-in">
              {way?.label ?? auth.type}
              <SetBy connection={connection} />
            </Row>
          )}
          {life && (
            <Row name="Holds">
              <LifeLine connection={connection} life={life} providerName={name} />
            </Row>
          )}
          <Row name="Tested">
            {checked_at ? <Time at={checked_at} /> : "never"}
            {next_check_at && (
              <span className="text-muted">
                , next <Time at={next_check_at} />
              </span>
            )}
          </Row>
          {auth.scopes.length > 0 && (
            <Row name="Allowed">
              <details>
                <summary className="w-fit">{formatAmount(auth.scopes.length, "permission")}</summary>
                <div className="pt-1.5">
                  <ScopeList scopes={auth.scopes} />
                </div>
              </details>
            </Row>
          )}
          <Row name="Data goes to">{receiversOf(provider)}</Row>
        </dl>
        {result && <CheckAnswer result={result} />}
      </div>
    </Card>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="wrap-anywhere">{children}</dd>
    </>
  );
}

function SetBy({ connection: { auth } }: { connection: ConnectionView }) {
  if (!auth.set) return <span className="text-muted"> · nothing is kept</span>;
  return (
    <span className="text-muted">
      {auth.set_at && (
        <>
          {" · set "}
          <Time at={auth.set_at} />
        </>
      )}
      {auth.set_by && ` by ${auth.set_by}`}
      {auth.fingerprint && (
        <>
          {" · fingerprint "}
          <code className="text-xs">{auth.fingerprint}</code>
        </>
      )}
    </span>
  );
}

const receiversOf = (provider: ProviderView | undefined): string => {
  if (!provider) return "—";
  if (staysHere(provider)) return "no other host; everything stays on this machine";
  const others = provider.sign_in.flatMap(({ hosts }) => hosts).filter((host) => !provider.addresses.includes(host));
  return [...provider.addresses, ...new Set(others)].join(", ") || "the address in its settings";
};
