import { useQueryClient } from "@tanstack/react-query";
import { Download, FileUp } from "lucide-react";
import { useState } from "react";
import { ApiError, hawser } from "../../lib/api.ts";
import type { ImportChange } from "../../lib/contract.ts";
import { formatAmount, formatCount } from "../../lib/format.ts";
import { keys } from "../../lib/query.ts";
import { saveFile } from "../../lib/save-file.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { useAttempts } from "../../lib/use-attempts.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { DocumentInput } from "../../ui/document-input.tsx";
import { EmptyState, FailedState } from "../../ui/states.tsx";
import { toast, toastError } from "../../ui/toast.tsx";
import { SettingsFrame } from "./settings-frame.tsx";
import { strings } from "./strings.ts";

const words = strings.transfer;
const LARGEST = 5 * 1024 * 1024;

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
  const { busy, failure, attempt, forget } = useAttempts<"look" | "apply">();

  const run = (apply: boolean) =>
    attempt(apply ? "apply" : "look", async () => {
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
    });
  const refused = changes?.filter(({ change }) => change === "refuse").length ?? 0;
  const refusedFile =
    failure instanceof ApiError ? failure.errors.find(({ pointer }) => pointer.startsWith("/yaml"))?.detail : undefined;
  const wanted = changes?.filter(({ change }) => change === "create" || change === "update").length ?? 0;

  return (
    <Card title="Import" className="max-w-200">
      <div className="grid gap-4 p-4">
        <p>{words.importText}</p>
        <DocumentInput
          label="File"
          hint="What an export gave, up to 5 MiB."
          error={refusedFile}
          value={yaml}
          onChange={(text) => {
            setYaml(text);
            setChanges(undefined);
            forget();
          }}
          accept=".yaml,.yml"
          largest={LARGEST}
          lines={8}
        />
        {failure !== undefined && !refusedFile && <FailedState what="The file was not taken" error={failure} />}
        {changes && <Changes changes={changes} />}
        <div className="flex flex-wrap gap-2">
          <Button
            kind={changes ? "plain" : "primary"}
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
              disabled={
                refused > 0
                  ? "It is applied whole or not at all: mend what is refused first."
                  : wanted === 0 && "Nothing would change."
              }
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
  missing: { word: "to enter", tone: "warning" },
};
const needs = {
  sign_in: "Somebody signs in afterwards.",
  credential: "Its credential is entered afterwards.",
  test: "It is tested afterwards.",
};

/** What has to be looked at stands first, what stays as it is last. */
const order = ["refuse", "missing", "create", "update", "none"] as const;

function Changes({ changes }: { changes: readonly ImportChange[] }) {
  const sorted = changes.toSorted((one, other) => order.indexOf(one.change) - order.indexOf(other.change));
  const counted = order.flatMap((change) => {
    const count = changes.filter((one) => one.change === change).length;
    return count === 0 ? [] : [`${formatCount(count)} ${looks[change].word}`];
  });
  const isSame = changes.every(({ change }) => change === "none");
  return (
    <div className="grid gap-2">
      <p role="status" className="font-medium">
        {changes.length === 0
          ? "The file holds nothing."
          : isSame
            ? "Nothing would change: the workspace is as the file has it."
            : `${counted.join(", ")}.`}
      </p>
      <ul className="rounded-lg border border-border empty:hidden" aria-label="What would change">
        {sorted.map((one) => (
          <ChangeRow key={one.pointer} change={one} />
        ))}
      </ul>
    </div>
  );
}

function ChangeRow({ change }: { change: ImportChange }) {
  const { word, tone } = looks[change.change];
  return (
    <li className="grid grid-cols-[88px_minmax(0,1fr)] gap-x-3 border-b border-border px-3 py-2 last:border-b-0">
      <span>
        <Badge tone={tone}>{word}</Badge>
      </span>
      <span className="min-w-0">
        <span className="font-medium wrap-anywhere">{change.name}</span>{" "}
        <span className="text-muted">{change.kind}</span>
        {change.fields.length > 0 && (
          <span className="block text-muted wrap-anywhere">Differs: {change.fields.join(", ")}</span>
        )}
        {change.reasons.map(({ pointer, detail }) => (
          <span key={`${pointer} ${detail}`} className="block text-bad wrap-anywhere">
            {detail} <code className="text-xs text-muted">{pointer}</code>
          </span>
        ))}
        {change.needs && change.change !== "refuse" && <span className="block text-muted">{needs[change.needs]}</span>}
        {change.change === "missing" && (
          <span className="block text-muted">
            The file refers to it. Enter it under Secrets; calls that need it wait.
          </span>
        )}
      </span>
    </li>
  );
}
