import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError, hawser } from "../../lib/api.ts";
import type { InvitationPreview } from "../../lib/contract.ts";
import { keys } from "../../lib/query.ts";
import { roleWords } from "../../lib/roles.ts";
import { meQuery } from "../../lib/session.ts";
import { Button, ButtonLink } from "../../ui/button.tsx";
import { Time } from "../../ui/figures.tsx";
import { FormFailure } from "../../ui/form-failure.tsx";
import { Link } from "../../ui/link.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import { FailedState } from "../../ui/states.tsx";
import { Frame } from "./frame.tsx";
import { SignUpForm } from "./sign-up-form.tsx";
import { strings } from "./strings.ts";

const words = strings.invite;

export function InvitePage() {
  const { token = "" } = useParams({ strict: false });
  const invitation = useQuery({
    queryKey: ["invitation", token],
    queryFn: ({ signal }) => hawser.invitations.lookUp({ token }, { signal }),
    retry: false,
  });
  const me = useQuery(meQuery);

  if (invitation.error) {
    const gone = invitation.error instanceof ApiError && [404, 410, 422].includes(invitation.error.status);
    return (
      <Frame title={gone ? words.goneTitle : words.title}>
        {gone ? (
          <>
            <p>{words.gone}</p>
            <ButtonLink to="/">Go to Hawser</ButtonLink>
          </>
        ) : (
          <FailedState
            what="The invitation could not be looked up"
            error={invitation.error}
            onRetry={invitation.refetch}
          />
        )}
      </Frame>
    );
  }
  if (!invitation.data || me.data === undefined) {
    return (
      <Frame title={words.title}>
        <div role="status" aria-label="Loading" className="grid gap-3">
          <Skeleton />
          <Skeleton className="w-2/3" />
          <Skeleton className="h-8" />
        </div>
      </Frame>
    );
  }
  return (
    <Frame title={`Join ${invitation.data.workspace}`} lead={<Facts invitation={invitation.data} />}>
      {me.data ? (
        <Accept token={token} name={me.data.name} email={me.data.email} />
      ) : (
        <>
          <SignUpForm invitation={token} email={invitation.data.email ?? ""} />
          <p className="text-center text-muted">
            {strings.signUp.haveAccount}{" "}
            <Link to="/sign-in" search={{ next: `/invite/${token}` }}>
              {strings.signUp.signIn}
            </Link>
          </p>
        </>
      )}
    </Frame>
  );
}

function Facts({ invitation }: { invitation: InvitationPreview }) {
  return (
    <>
      {invitation.invited_by} invites you as {roleWords(invitation.role)}. The invitation ends{" "}
      <Time at={invitation.expires_at} />.
    </>
  );
}

function Accept({ token, name, email }: { token: string; name: string; email: string }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const accept = async () => {
    setBusy(true);
    try {
      const workspace = await hawser.invitations.accept({ token });
      await client.refetchQueries({ queryKey: keys.me });
      await navigate({ to: "/w/$workspace", params: { workspace: workspace.slug } });
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  };
  return (
    <div className="grid gap-4">
      <FormFailure error={failure} />
      <p>
        You are signed in as {name} ({email}).
      </p>
      <Button kind="primary" wide busy={busy} onClick={() => void accept()}>
        {words.accept}
      </Button>
    </div>
  );
}
