import type { ConnectionView } from "../../lib/contract.ts";
import { formatDay } from "../../lib/format.ts";
import { Time } from "../../ui/figures.tsx";
import { endReason } from "./words.ts";

interface LifeLineProps {
  connection: ConnectionView;
  life: NonNullable<ConnectionView["life"]>;
  providerName: string;
}

/** How long the sign-in holds: when it is renewed, and the end that is known, with its reason. */
export function LifeLine({ connection, life, providerName }: LifeLineProps) {
  if (!connection.auth.set) return <>nothing until somebody signs in</>;
  return (
    <span className="grid gap-0.5">
      <span>
        <Renewal life={life} />
      </span>
      <span>
        <End life={life} providerName={providerName} />
      </span>
    </span>
  );
}

function End({ life: { ends_at, ends_because }, providerName }: Pick<LifeLineProps, "life" | "providerName">) {
  if (!ends_at) return "No end is known.";
  if (ends_because === "idle") {
    return (
      <>
        Unused, it would end on {formatDay(ends_at)}. <span className="text-muted">Hawser renews it before.</span>
      </>
    );
  }
  return (
    <>
      Ends {formatDay(ends_at)} <span className="text-muted">because {endReason(ends_because, providerName)}.</span>
    </>
  );
}

function Renewal({ life }: { life: LifeLineProps["life"] }) {
  if (life.failing_since) {
    return (
      <>
        Renewing it fails since <Time at={life.failing_since} as="clock" />
        {life.retry_at && (
          <>
            , next try at <Time at={life.retry_at} as="clock" />
          </>
        )}
        .
      </>
    );
  }
  if (!life.renews) {
    return life.access_expires_at ? (
      <>
        Until <Time at={life.access_expires_at} as="clock" />; it cannot be renewed.
      </>
    ) : (
      "It is not renewed."
    );
  }
  return (
    <>
      Hawser renews it by itself
      {life.renewed_at && (
        <>
          , last <Time at={life.renewed_at} />
        </>
      )}
      {life.next_renewal_at && (
        <>
          , next <Time at={life.next_renewal_at} />
        </>
      )}
      .
    </>
  );
}
