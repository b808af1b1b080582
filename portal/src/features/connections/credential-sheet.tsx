import { useState } from "react";
import { ApiError } from "../../lib/api.ts";
import type { AuthType, CheckResult, ConnectionView, ProviderView } from "../../lib/contract.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { useAttempts } from "../../lib/use-attempts.ts";
import { Button } from "../../ui/button.tsx";
import { CheckAnswer } from "../../ui/check-answer.tsx";
import { Sheet } from "../../ui/sheet.tsx";
import { ConsoleSteps } from "../../ui/sign-in/console-steps.tsx";
import { CredentialForm, type CredentialValues, toTexts } from "../../ui/sign-in/credential-form.tsx";
import { Receivers } from "../../ui/sign-in/receivers.tsx";
import { WayChoice } from "../../ui/sign-in/way-choice.tsx";
import { FailedState } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { Checkbox } from "../../ui/toggle.tsx";
import { useConnectionActions } from "./api.ts";

const formId = "new-credential";

interface CredentialSheetProps {
  connection: ConnectionView;
  provider: ProviderView;
  onClose: () => void;
}

/** Replaces what a connection signs in with. The old value is never shown; the new one is tested at once. */
export function CredentialSheet({ connection, provider, onClose }: CredentialSheetProps) {
  const workspace = useWorkspace();
  const forbidden = useForbidden("admin");
  const actions = useConnectionActions(workspace.id);
  const ways = provider.sign_in.filter((way) => way.type !== "oauth2_authorization_code" && way.type !== "none");
  const [type, setType] = useState<AuthType>(
    (ways.find((one) => one.type === connection.auth.type) ?? ways[0])?.type ?? "none",
  );
  const [values, setValues] = useState<Record<string, unknown>>({});
  const [otherAccount, setOtherAccount] = useState(false);
  const { busy, failure, attempt } = useAttempts<"test" | "save">();
  const [result, setResult] = useState<CheckResult>();
  const way = ways.find((one) => one.type === type);
  const errors = failure instanceof ApiError ? failure.errors : [];

  const test = () =>
    attempt("test", async () => {
      setResult(undefined);
      const { provider: key, config, sandbox } = connection;
      setResult(await actions.testConfig({ provider: key, config, auth: type, credential: toTexts(values), sandbox }));
    });
  const save = (credential: CredentialValues) =>
    void attempt("save", async () => {
      const { name, status } = await actions.setCredential(connection.id, {
        auth: type,
        credential,
        other_account: otherAccount,
      });
      toast(
        status === "active"
          ? `${name} works with the new credential. What waited goes on by itself.`
          : `The new credential of ${name} is saved. Its test failed: see the cause here.`,
        { failed: status !== "active" },
      );
      onClose();
    });

  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={`New credential for ${connection.name}`}
      description="The old one is erased as soon as the new one is saved."
      footer={
        <>
          <Button busy={busy === "test"} disabled={forbidden} onClick={() => void test()}>
            Test
          </Button>
          <Button kind="primary" type="submit" form={formId} busy={busy === "save"} disabled={forbidden}>
            {result?.ok ? "Save" : "Save and test"}
          </Button>
        </>
      }
    >
      <div className="grid grid-cols-1 gap-5">
        <WayChoice
          ways={ways}
          value={type}
          disabled={Boolean(forbidden)}
          onChange={(next) => {
            setType(next);
            setValues({});
            setResult(undefined);
          }}
        />
        {way && (
          <>
            <ConsoleSteps provider={provider.name} way={way} open={false} />
            <CredentialForm
              key={way.type}
              way={way}
              value={values}
              onChange={(next) => {
                setValues(next);
                setResult(undefined);
              }}
              onSubmit={save}
              serverErrors={errors}
              formId={formId}
              autoFocus
              disabled={Boolean(forbidden)}
            />
          </>
        )}
        {connection.account && connection.used_by.syncs === 0 && (
          <Checkbox
            checked={otherAccount}
            onChange={setOtherAccount}
            disabled={Boolean(forbidden)}
            hint={`Without it, only a credential of ${connection.account.label} is taken.`}
          >
            It may belong to another account
          </Checkbox>
        )}
        <Receivers provider={provider} way={way} />
        {result && <CheckAnswer result={result} />}
        {failure !== undefined && !errors.some(({ pointer }) => pointer.startsWith("/credential")) && (
          <FailedState what="That did not work" error={failure} />
        )}
      </div>
    </Sheet>
  );
}
