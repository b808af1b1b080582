import { useQueryClient } from "@tanstack/react-query";
import { Download, FileUp } from "lucide-react";
import { useState } from "react";
import { hawser } from "../../lib/api.ts";
import type { ImportChange } from "../../lib/contract.ts";
import { formatAmount } from "../../lib/format.ts";
import { keys } from "../../lib/query.ts";
import { saveFile } from "../../lib/save-file.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Field } from "../../ui/field.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Textarea } from "../../ui/input.tsx";
import { EmptyState, FailedState } from "../../ui/states.tsx";
import { toast, toastError } from "../../ui/toast.tsx";
import { SettingsFrame } from "./settings-frame.tsx";
import { strings } from "./strings.ts";

const words = strings.transfer;

/** The workspace's configuration as a file, and a file's differences before they are applied. */
export function TransferPage() {
  const forbidden = useForbidden("admin");
  return (
    <SettingsFrame title={words.title} facts={words.facts}>
      {forbidden ? (
        <Card>
          <EmptyState icon={FileUp} title="Export and import are for admins">
            {forbidden}
          </EmptyState>
        </Card>
      ) : (
        <>
          <ExportCard />
          <ImportCard />
        </>
      )}
    </SettingsFrame>
  );
}

type LeftOut = Awaited<ReturnType<typeof hawser.transfer.export>>["left_out"];

function ExportCard() {
  const workspace = useWorkspace();
  const [busy, setBusy] = useState(false);
  const [leftOut, setLeftOut] = useState<LeftOut>([]);
  const save = async () => {
    setBusy(true);
    try {
      const { yaml, left_out } = await hawser.transfer.export({ workspace: workspace.id });
      setLeftOut(left_out);
      saveFile(`${workspace.slug}.yaml`, "application/yaml", [yaml]);
    } catch (error) {
      toastError("The export could not be made", error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Card title="Export" className="max-w-200">
      <div className="grid gap-3 p-4">
        <p>{words.exportText}</p>
        <Button icon={Download} busy={busy} className="justify-self-start" onClick={() => void save()}>
          Export as a file
        </Button>
        {leftOut.length > 0 && (
          <ul className="grid gap-1" aria-label="Left out">
            {leftOut.map(({ kind, name, reasons }) => (
              <li key={`${kind} ${name}`}>
                <span className="font-medium">{name}</span> was left out:{" "}
                {reasons.map(({ detail }) => detail).join(" ")}
              </li>
            ))}
          </ul>
        )}
      </div>
    </Card>
  );
}

function ImportCard() {
  const workspace = useWorkspace();
  const client = useQueryClient();
  const [yaml, setYaml] = useState("");
  const [changes, setChanges] = useState<readonly ImportChange[]>();
  const [busy, setBusy] = useState<"look" | "apply">();
  const [failure, setFailure] = useState<unknown>();

  const run = async (apply: boolean) => {
    setBusy(apply ? "apply" : "look");
    setFailure(undefined);
    try {
      const answer = await hawser.transfer.import({ workspace: workspace.id }, { yaml, apply });
      setChanges(answer.changes);
      if (!answer.applied) return;
      toast("The file is applied.");
      await Promise.all(
        [keys.catalog(workspace.id), keys.connections(workspace.id)].map((queryKey) =>
          client.invalidateQueries({ queryKey }),
        ),
      );
      setYaml("");
      setChanges(undefined);
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(undefined);
    }
  };
  const take = async (file: File | undefined) => {
    if (!file) return;
    setYaml(await file.text());
    setChanges(undefined);
  };
  const refused = changes?.some(({ change }) => change === "refuse" || change === "missing");
  const wanted = changes?.filter(({ change }) => change === "create" || change === "update").length ?? 0;

  return (
    <Card title="Import" className="max-w-200">
      <div className="grid gap-4 p-4">
        <p>{words.importText}</p>
        <Field label="File">
          <Textarea
            mono
            rows={8}
            value={yaml}
            onChange={(text) => {
              setYaml(text);
              setChanges(undefined);
            }}
            spellCheck={false}
            placeholder="Paste the contents of an export"
            className="max-h-100"
          />
        </Field>
        <label className="inline-flex min-h-6 items-center gap-1.5 justify-self-start rounded-sm font-medium text-primary has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-primary pointer-coarse:min-h-11">
          <Icon icon={FileUp} />
          Choose a file
          <input
            type="file"
            accept=".yaml,.yml"
            className="sr-only"
            onChange={(event) => void take(event.target.files?.[0])}
          />
        </label>
        {failure !== undefined && <FailedState what="The file was not taken" error={failure} />}
        {changes && <Changes changes={changes} />}
        <div className="flex flex-wrap gap-2">
          <Button
            busy={busy === "look"}
            disabled={yaml.trim() === "" && "Give a file first."}
            onClick={() => void run(false)}
          >
            Show what would change
          </Button>
          {changes && (
            <Button
              kind="primary"
              busy={busy === "apply"}
              disabled={refused ? "Something in the file is refused." : wanted === 0 && "Nothing would change."}
              onClick={() => void run(true)}
            >
              Apply {formatAmount(wanted, "change")}
            </Button>
          )}
        </div>
      </div>
    </Card>
  );
}

const looks: Record<ImportChange["change"], { word: string; tone: Tone }> = {
  create: { word: "new", tone: "good" },
  update: { word: "changed", tone: "running" },
  none: { word: "as it is", tone: "idle" },
  refuse: { word: "refused", tone: "bad" },
  missing: { word: "missing here", tone: "warning" },
};
const needs = {
  sign_in: "Somebody signs in afterwards.",
  credential: "Its credential is entered afterwards.",
  test: "It is tested afterwards.",
};

function Changes({ changes }: { changes: readonly ImportChange[] }) {
  return (
    <ul className="rounded-lg border border-border" aria-label="What would change">
      {changes.map((one) => (
        <li
          key={one.pointer}
          className="grid grid-cols-[88px_minmax(0,1fr)] gap-x-3 border-b border-border px-3 py-2 last:border-b-0"
        >
          <span>
            <Badge tone={looks[one.change].tone}>{looks[one.change].word}</Badge>
          </span>
          <span className="min-w-0">
            <span className="font-medium wrap-anywhere">{one.name}</span> <span className="text-muted">{one.kind}</span>
            {one.fields.length > 0 && <span className="block text-muted">{one.fields.join(", ")}</span>}
            {one.reasons.map(({ pointer, detail }) => (
              <span key={pointer} className="block text-bad">
                {detail}
              </span>
            ))}
            {one.needs && one.change !== "refuse" && <span className="block text-muted">{needs[one.needs]}</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}
