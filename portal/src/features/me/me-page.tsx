import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { LogOut } from "lucide-react";
import { hawser } from "../../lib/api.ts";
import type { Session } from "../../lib/contract.ts";
import { keys } from "../../lib/query.ts";
import { useMe } from "../../lib/session.ts";
import { needed, newPasswordCheck, useForm } from "../../lib/use-form.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Field } from "../../ui/field.tsx";
import { Time } from "../../ui/figures.tsx";
import { FormFailure } from "../../ui/form-failure.tsx";
import { PasswordInput, TextInput } from "../../ui/input.tsx";
import { LeaveGuard } from "../../ui/leave-guard.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { FailedState } from "../../ui/states.tsx";
import { toast, toastError } from "../../ui/toast.tsx";
import { browserOf } from "./browser-of.ts";

export function MePage() {
  const me = useMe();
  return (
    <>
      <PageHead title="Your account" facts={`${me.email}${me.instance_admin ? " · instance admin" : ""}`} />
      <div className="grid max-w-160 grid-cols-1 gap-4">
        <NameCard />
        <PasswordCard />
        <SessionsCard />
      </div>
    </>
  );
}

function NameCard() {
  const me = useMe();
  const client = useQueryClient();
  const form = useForm({
    initial: { name: me.name },
    checks: { name: needed("Give your name.") },
    onSubmit: async ({ name }) => {
      client.setQueryData(keys.me, await hawser.identity.updateMe({ name: name.trim() }));
      toast("Saved.");
    },
  });
  return (
    <Card title="Name">
      <form {...form.form} className="grid gap-4 p-4">
        <LeaveGuard when={form.dirty} />
        <FormFailure error={form.failure} />
        <Field label="Name" hint="Others see it where you did something." error={form.error("name")}>
          <TextInput {...form.input("name")} autoComplete="name" maxLength={255} />
        </Field>
        <Button
          type="submit"
          className="justify-self-start"
          busy={form.busy}
          disabled={form.values.name.trim() === me.name ? "Nothing was changed." : undefined}
        >
          Save
        </Button>
      </form>
    </Card>
  );
}

function PasswordCard() {
  const me = useMe();
  const client = useQueryClient();
  const empty = { current_password: "", new_password: "" };
  const form = useForm({
    initial: empty,
    checks: { current_password: needed("Give the password you have now."), new_password: newPasswordCheck },
    onSubmit: async (values) => {
      await hawser.identity.changePassword(values);
      form.reset(empty);
      toast("The password is changed. All your other sessions have ended.");
      await client.invalidateQueries({ queryKey: keys.sessions });
    },
  });
  return (
    <Card title="Password" note="changing it ends all your other sessions">
      <form {...form.form} className="grid gap-4 p-4">
        <FormFailure error={form.failure} />
        {/* Password managers look for the account's name beside the passwords. */}
        <input type="text" name="username" autoComplete="username" value={me.email} readOnly hidden />
        <Field label="Present password" error={form.error("current_password")}>
          <PasswordInput {...form.input("current_password")} autoComplete="current-password" />
        </Field>
        <Field label="New password" hint="At least 10 characters." error={form.error("new_password")}>
          <PasswordInput {...form.input("new_password")} autoComplete="new-password" />
        </Field>
        <Button type="submit" className="justify-self-start" busy={form.busy}>
          Change password
        </Button>
      </form>
    </Card>
  );
}

function SessionsCard() {
  const { data, error, refetch } = useQuery({
    queryKey: keys.sessions,
    queryFn: ({ signal }) => hawser.identity.sessions({ signal }),
  });
  return (
    <Card title="Where you are signed in">
      {error && <FailedState className="m-4" what="The sessions could not be loaded" error={error} onRetry={refetch} />}
      {!data && !error && <SkeletonRows rows={2} label="Loading sessions" />}
      {data && (
        <ul>
          {data.items.map((session) => (
            <SessionRow key={session.id} session={session} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function SessionRow({ session }: { session: Session }) {
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: () => hawser.identity.endSession({ id: session.id }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.sessions }),
    onError: (error) => toastError("The session was not ended", error),
  });
  return (
    <li className="flex items-center gap-3 border-t border-border px-4 py-2.5 first:border-t-0">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-2 font-medium" title={session.user_agent ?? undefined}>
          {browserOf(session.user_agent)}
          {session.current && <Badge tone="primary">this one</Badge>}
        </p>
        <p className="truncate text-xs text-muted">
          {session.address ? `${session.address} · ` : ""}signed in <Time at={session.created_at} />, ends{" "}
          <Time at={session.expires_at} />
        </p>
      </div>
      {!session.current && (
        <Button icon={LogOut} kind="quiet" busy={end.isPending} onClick={() => end.mutate()}>
          End
        </Button>
      )}
    </li>
  );
}
