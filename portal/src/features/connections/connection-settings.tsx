import { useBlocker } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { ApiError } from "../../lib/api.ts";
import type { CheckResult, ConnectionView, ProviderView } from "../../lib/contract.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { useAttempts } from "../../lib/use-attempts.ts";
import { useNameCheck } from "../../lib/use-name-check.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { CheckAnswer } from "../../ui/check-answer.tsx";
import { Field } from "../../ui/field.tsx";
import { TextInput } from "../../ui/input.tsx";
import { SchemaForm } from "../../ui/schema-form/index.tsx";
import { FailedState } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { WordsInput } from "../../ui/words-input.tsx";
import { useConnectionActions } from "./api.ts";
import { EndCards } from "./end-cards.tsx";
import { SignInCard } from "./sign-in-card.tsx";

const formId = "connection-settings";

interface ConnectionSettingsProps {
  connection: ConnectionView;
  provider: ProviderView | undefined;
  onEnterCredential: () => void;
  onMendApp: () => void;
}

/** Name, tags and config of a connection, its sign-in, and its end. */
export function ConnectionSettings({ connection, provider, onEnterCredential, onMendApp }: ConnectionSettingsProps) {
  const workspace = useWorkspace();
  const forbidden = useForbidden("admin");
  const actions = useConnectionActions(workspace.id);
  const [name, setName] = useState(connection.name);
  const [tags, setTags] = useState(connection.tags);
  const [config, setConfig] = useState<Record<string, unknown>>(connection.config);
  const { busy, failure, attempt } = useAttempts<"test" | "save">();
  const [result, setResult] = useState<CheckResult>();
  const check = useNameCheck(workspace.id, "connection", name === connection.name ? "" : name, connection.id);
  const before = JSON.stringify([connection.name, connection.tags, connection.config]);
  const dirty = JSON.stringify([name, tags, config]) !== before;
  const saved = useRef(false);
  useBlocker({
    shouldBlockFn: () => dirty && !saved.current && !window.confirm("Leave without saving your changes?"),
    enableBeforeUnload: () => dirty && !saved.current,
  });
  // What a person entered never comes back here, so that a test before saving would have nothing to sign in with.
  const testable = connection.auth.type === "none";
  const errors = failure instanceof ApiError ? failure.errors : [];
  const nameError =
    check.error ??
    errors.find((error) => error.pointer === "/name")?.detail ??
    (name.trim() === "" ? "Give it a name." : undefined);

  const save = (valid: Record<string, unknown>) => {
    if (nameError) return document.getElementById("connection-name")?.focus();
    return void attempt("save", async () => {
      saved.current = true;
      await actions.update(connection.id, { name: name.trim(), tags, config: valid });
      toast("Saved.");
    });
  };

  return (
    <div className="grid max-w-180 grid-cols-1 gap-4">
      <Card title="Settings">
        <div className="grid gap-5 px-4 py-4">
          <Field label="Name" id="connection-name" error={nameError} hint={check.hint}>
            <TextInput
              value={name}
              onChange={setName}
              maxLength={255}
              autoComplete="off"
              readOnly={Boolean(forbidden)}
            />
          </Field>
          <Field label="Tags" optional hint="For filters; Enter adds one.">
            <WordsInput values={tags} onChange={setTags} disabled={Boolean(forbidden)} />
          </Field>
          {provider && (
            <SchemaForm
              schema={provider.config_schema}
              value={config}
              onChange={(value) => {
                setConfig(value);
                setResult(undefined);
              }}
              onSubmit={save}
              serverErrors={errors}
              prefix="/config"
              formId={formId}
              disabled={Boolean(forbidden)}
            />
          )}
          {result && <CheckAnswer result={result} />}
          {failure !== undefined && errors.length === 0 && <FailedState what="That did not work" error={failure} />}
          <div className="flex flex-wrap gap-2">
            {testable && (
              <Button
                busy={busy === "test"}
                disabled={forbidden}
                onClick={() =>
                  void attempt("test", async () =>
                    setResult(
                      await actions.testConfig({ provider: connection.provider, config, sandbox: connection.sandbox }),
                    ),
                  )
                }
              >
                Test
              </Button>
            )}
            <Button
              kind="primary"
              type="submit"
              form={formId}
              busy={busy === "save"}
              disabled={forbidden ?? (!dirty && "Nothing has been changed.")}
            >
              {testable ? "Save" : "Save and test"}
            </Button>
          </div>
        </div>
      </Card>
      {connection.auth.type !== "none" && (
        <SignInCard
          connection={connection}
          provider={provider}
          onEnterCredential={onEnterCredential}
          onMendApp={onMendApp}
        />
      )}
      <EndCards
        connection={connection}
        providerName={provider?.name ?? connection.provider}
        onDeleted={() => {
          saved.current = true;
        }}
      />
    </div>
  );
}
