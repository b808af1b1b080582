import { useNavigate } from "@tanstack/react-router";
import { HardDrive, Plug } from "lucide-react";
import { useState } from "react";
import { ApiError } from "../../lib/api.ts";
import type { CheckResult, ProviderView } from "../../lib/contract.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { useNameCheck } from "../../lib/use-name-check.ts";
import { Button } from "../../ui/button.tsx";
import { CheckResultLine } from "../../ui/check-result.tsx";
import { Field } from "../../ui/field.tsx";
import { Icon } from "../../ui/icon.tsx";
import { TextInput } from "../../ui/input.tsx";
import { ProviderGlyph } from "../../ui/provider-glyph.tsx";
import { SchemaForm } from "../../ui/schema-form/index.tsx";
import { Sheet } from "../../ui/sheet.tsx";
import { FailedState } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { testConfig, useConnect } from "./api.ts";

const formId = "connect";

/** Connects one provider: where it points, its name, who receives data; tested before it is saved. */
export function ConnectSheet({ provider, onClose }: { provider: ProviderView; onClose: () => void }) {
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const forbidden = useForbidden("admin");
  const connect = useConnect(workspace.id);
  const [name, setName] = useState(provider.connections === 0 ? provider.name : "");
  const [touched, setTouched] = useState(false);
  const [config, setConfig] = useState<Record<string, unknown>>({});
  const [busy, setBusy] = useState<"test" | "save">();
  const [result, setResult] = useState<CheckResult>();
  const [failure, setFailure] = useState<unknown>();
  const check = useNameCheck(workspace.id, "connection", name);
  const fieldErrors = failure instanceof ApiError ? failure.errors : [];
  const nameError =
    check.error ??
    fieldErrors.find((error) => error.pointer === "/name")?.detail ??
    (touched && name.trim() === "" ? "Give it a name." : undefined);
  const noRoots = needsRoots(provider);

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
  const test = () =>
    attempt("test", async () => {
      setResult(undefined);
      setResult(await testConfig(workspace.id, { provider: provider.key, config }));
    });
  const save = (valid: Record<string, unknown>) => {
    setTouched(true);
    if (name.trim() === "" || check.error) {
      document.getElementById("connection-name")?.focus();
      return;
    }
    void attempt("save", async () => {
      const made = await connect({ provider: provider.key, name: name.trim(), config: valid });
      toast(
        made.status === "active"
          ? `${made.name} is connected.`
          : `${made.name} is saved. Its test failed: see the cause here.`,
      );
      await navigate({
        to: "/w/$workspace/connections/$connection",
        params: { workspace: workspace.slug, connection: made.id },
      });
    });
  };

  const landed = fieldErrors.some((error) => error.pointer === "/name" || error.pointer.startsWith("/config"));
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Connect ${provider.name}`}
      description={provider.description}
      glyph={<ProviderGlyph id={provider.key} name={provider.name} letters={provider.glyph.letters} />}
      footer={
        noRoots ? undefined : (
          <>
            <Button busy={busy === "test"} disabled={forbidden} onClick={() => void test()}>
              Test
            </Button>
            <Button kind="primary" type="submit" form={formId} busy={busy === "save"} disabled={forbidden}>
              {result?.ok ? "Connect" : "Connect and test"}
            </Button>
          </>
        )
      }
    >
      {noRoots ? (
        <NoRoots />
      ) : (
        <div className="grid gap-5">
          <Field
            label="Name"
            id="connection-name"
            error={nameError}
            hint={check.hint ?? "How this workspace calls it, such as “Yard server”."}
          >
            <TextInput
              value={name}
              onChange={setName}
              onBlur={() => setTouched(true)}
              maxLength={255}
              autoComplete="off"
            />
          </Field>
          <SchemaForm
            schema={provider.config_schema}
            value={config}
            onChange={(value) => {
              setConfig(value);
              setResult(undefined);
            }}
            onSubmit={save}
            serverErrors={fieldErrors}
            prefix="/config"
            formId={formId}
            disabled={Boolean(forbidden)}
          />
          <Receivers addresses={provider.addresses} />
          {forbidden && <p className="text-muted">{forbidden}</p>}
          {result && (
            <CheckResultLine ok={result.ok} tookMs={result.took_ms}>
              {result.ok
                ? `It works${result.account ? `: ${result.account.label}` : ""}.`
                : (result.failure?.message ?? "It does not work, and the provider did not say why.")}
            </CheckResultLine>
          )}
          {failure !== undefined && !landed && <FailedState what="That did not work" error={failure} />}
        </div>
      )}
    </Sheet>
  );
}

function Receivers({ addresses }: { addresses: readonly string[] }) {
  if (addresses.length === 0) {
    return (
      <p className="flex items-start gap-2 text-muted">
        <Icon icon={HardDrive} className="mt-0.5" />
        Everything stays on the machine that Hawser runs on: no other host receives data.
      </p>
    );
  }
  return (
    <div className="flex items-start gap-2 text-muted">
      <Icon icon={Plug} className="mt-0.5" />
      <div>
        <p>Hosts that receive requests of this connection:</p>
        <ul className="font-mono text-xs">
          {addresses.map((address) => (
            <li key={address} className="wrap-anywhere">
              {address}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

/** A provider on this machine whose `root` offers nothing to choose: the operator has named no folder yet. */
function needsRoots({ addresses, config_schema: { properties } }: ProviderView): boolean {
  if (addresses.length > 0 || typeof properties !== "object" || properties === null || !("root" in properties))
    return false;
  const { root } = properties;
  return typeof root === "object" && root !== null && !("enum" in root) && !("const" in root);
}

function NoRoots() {
  return (
    <div className="grid gap-3">
      <p className="text-base font-semibold">No folder is open to Hawser yet</p>
      <p>
        For safety Hawser reads only folders that whoever runs it has named. Ask for it, or, if that is you, start
        Hawser with a name and a path for each folder:
      </p>
      <pre className="overflow-x-auto rounded-md bg-sunken px-3 py-2 text-xs select-all">
        HAWSER_SOURCE_ROOTS="documents=/srv/documents" npm start
      </pre>
      <p className="text-muted">Several are separated by commas. After the restart they can be chosen here.</p>
    </div>
  );
}
