import { useBlocker, useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { ApiError } from "../../lib/api.ts";
import type { CheckResult, ConnectionView, ProviderView } from "../../lib/contract.ts";
import { formatAmount } from "../../lib/format.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { useNameCheck } from "../../lib/use-name-check.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { CheckResultLine } from "../../ui/check-result.tsx";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { Field } from "../../ui/field.tsx";
import { TextInput } from "../../ui/input.tsx";
import { SchemaForm } from "../../ui/schema-form/index.tsx";
import { FailedState } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { WordsInput } from "../../ui/words-input.tsx";
import { useConnectionActions } from "./api.ts";

const formId = "connection-settings";

/** Name, tags and config of a connection, and its end. */
export function ConnectionSettings({
  connection,
  provider,
}: {
  connection: ConnectionView;
  provider: ProviderView | undefined;
}) {
  const workspace = useWorkspace();
  const forbidden = useForbidden("admin");
  const actions = useConnectionActions(workspace.id);
  const [name, setName] = useState(connection.name);
  const [tags, setTags] = useState(connection.tags);
  const [config, setConfig] = useState<Record<string, unknown>>(connection.config);
  const [busy, setBusy] = useState<"test" | "save">();
  const [result, setResult] = useState<CheckResult>();
  const [failure, setFailure] = useState<unknown>();
  const check = useNameCheck(workspace.id, "connection", name === connection.name ? "" : name, connection.id);
  const before = JSON.stringify([connection.name, connection.tags, connection.config]);
  const dirty = JSON.stringify([name, tags, config]) !== before;
  const saved = useRef(false);
  useBlocker({
    shouldBlockFn: () => dirty && !saved.current && !window.confirm("Leave without saving your changes?"),
    enableBeforeUnload: () => dirty && !saved.current,
  });
  const errors = failure instanceof ApiError ? failure.errors : [];
  const nameError =
    check.error ??
    errors.find((error) => error.pointer === "/name")?.detail ??
    (name.trim() === "" ? "Give it a name." : undefined);

  const attempt = async (what: "test" | "save", work: () => Promise<void>) => {
    setBusy(what);
    setFailure(undefined);
    try {
      await work();
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(undefined);
    }
  };
  const save = (valid: Record<string, unknown>) => {
    if (nameError) return document.getElementById("connection-name")?.focus();
    return void attempt("save", async () => {
      saved.current = true;
      await actions.update(connection.id, { name: name.trim(), tags, config: valid });
      toast("Saved.");
    });
  };

  return (
    <div className="grid max-w-180 gap-4">
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
          {result && (
            <CheckResultLine ok={result.ok} tookMs={result.took_ms}>
              {result.ok
                ? `It works${result.account ? `: ${result.account.label}` : ""}.`
                : (result.failure?.message ?? "It does not work, and the provider did not say why.")}
            </CheckResultLine>
          )}
          {failure !== undefined && errors.length === 0 && <FailedState what="That did not work" error={failure} />}
          <div className="flex flex-wrap gap-2">
            <Button
              busy={busy === "test"}
              disabled={forbidden}
              onClick={() =>
                void attempt("test", async () =>
                  setResult(await actions.testConfig({ provider: connection.provider, config })),
                )
              }
            >
              Test
            </Button>
            <Button
              kind="primary"
              type="submit"
              form={formId}
              busy={busy === "save"}
              disabled={forbidden ?? (!dirty && "Nothing has been changed.")}
            >
              Save
            </Button>
          </div>
        </div>
      </Card>
      <DeleteCard
        connection={connection}
        forbidden={forbidden}
        onDeleted={() => {
          saved.current = true;
        }}
      />
    </div>
  );
}

interface DeleteCardProps {
  connection: ConnectionView;
  forbidden: string | undefined;
  onDeleted: () => void;
}

function DeleteCard({ connection, forbidden, onDeleted }: DeleteCardProps) {
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const actions = useConnectionActions(workspace.id);
  const [open, setOpen] = useState(false);
  const uses = connection.used_by.syncs;
  const inUse =
    uses > 0
      ? `${formatAmount(uses, "sync")} ${uses === 1 ? "uses" : "use"} it. Delete ${uses === 1 ? "it" : "them"} first.`
      : undefined;
  return (
    <Card title="Delete">
      <div className="flex flex-wrap items-center gap-3 px-4 py-3">
        <p className="min-w-0 flex-1 basis-60 text-muted">
          {inUse ?? "Nothing uses this connection. Deleting it forgets its settings; nothing changes at the source."}
        </p>
        <Button kind="danger" disabled={forbidden ?? inUse} onClick={() => setOpen(true)}>
          Delete connection
        </Button>
      </div>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={`Delete “${connection.name}”?`}
        verb="Delete connection"
        onConfirm={async () => {
          await actions.remove(connection.id);
          onDeleted();
          await navigate({ to: "/w/$workspace/connections", params: { workspace: workspace.slug } });
          toast(`${connection.name} is deleted.`);
        }}
      >
        No sync stops: none uses it. Its settings go, nothing changes at the source.
      </ConfirmDialog>
    </Card>
  );
}
