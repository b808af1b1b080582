import { useNavigate } from "@tanstack/react-router";
import { FileUp } from "lucide-react";
import { type DragEvent, useState } from "react";
import { ApiError } from "../../lib/api.ts";
import { cn } from "../../lib/cn.ts";
import type { OpenapiImport } from "../../lib/contract.ts";
import { formatAmount } from "../../lib/format.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Field } from "../../ui/field.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Textarea } from "../../ui/input.tsx";
import { Link } from "../../ui/link.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { FailedState } from "../../ui/states.tsx";
import { importOpenapi } from "./api.ts";
import { ImportReport } from "./import-report.tsx";

const LARGEST = 5 * 1024 * 1024;

/** An OpenAPI document becomes a custom provider: read, judged, chosen from, created. */
export function ImportPage() {
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const [read, setRead] = useState<OpenapiImport>();
  return (
    <>
      <PageHead
        title="Import OpenAPI"
        crumbs={[
          <Link key="catalog" kind="quiet" to="/w/$workspace/catalog" params={{ workspace: workspace.slug }}>
            Catalog
          </Link>,
        ]}
        facts="An OpenAPI 3.0 or 3.1 document becomes a provider with its actions. Nothing is fetched from anywhere."
      />
      {read ? (
        <ImportReport
          read={read}
          onBack={() => setRead(undefined)}
          onMade={(id) =>
            void navigate({
              to: "/w/$workspace/providers/$provider",
              params: { workspace: workspace.slug, provider: id },
            })
          }
        />
      ) : (
        <DocumentForm onRead={setRead} />
      )}
    </>
  );
}

function DocumentForm({ onRead }: { onRead: (read: OpenapiImport) => void }) {
  const workspace = useWorkspace();
  const forbidden = useForbidden("admin");
  const [text, setText] = useState("");
  const [over, setOver] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const [tooLarge, setTooLarge] = useState<string>();

  const take = async (file: File | undefined) => {
    if (!file) return;
    setTooLarge(file.size > LARGEST ? `${file.name} is larger than 5 MB.` : undefined);
    if (file.size <= LARGEST) setText(await file.text());
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  };
  const send = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      onRead(await importOpenapi(workspace.id, text));
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  const refused =
    failure instanceof ApiError ? failure.errors.find(({ pointer }) => pointer.startsWith("/text"))?.detail : undefined;

  return (
    <Card className="max-w-200 p-4">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is a shortcut; the file can be chosen or pasted as well */}
      <div
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
        className={cn("grid gap-4 rounded-md", over && "outline-2 outline-offset-4 outline-primary outline-dashed")}
      >
        <Field label="Document" error={tooLarge ?? refused} hint="JSON or YAML, up to 5 MB.">
          <Textarea
            mono
            rows={12}
            value={text}
            onChange={setText}
            placeholder="Drop the file here, or paste its contents"
            spellCheck={false}
            className="max-h-120"
          />
        </Field>
        <label className="inline-flex min-h-6 items-center gap-1.5 justify-self-start rounded-sm font-medium text-primary has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-primary pointer-coarse:min-h-11">
          <Icon icon={FileUp} />
          Choose a file
          <input
            type="file"
            accept=".json,.yaml,.yml,application/json,application/yaml"
            className="sr-only"
            onChange={(event) => void take(event.target.files?.[0])}
          />
        </label>
        {failure !== undefined && !refused && <FailedState what="The document could not be read" error={failure} />}
        <div className="flex items-center gap-3">
          <Button
            kind="primary"
            busy={busy}
            disabled={forbidden ?? (text.trim() === "" && "Give a document first.")}
            onClick={() => void send()}
          >
            Read the document
          </Button>
          {text !== "" && <span className="text-muted">{formatAmount(text.length, "character")}</span>}
        </div>
      </div>
    </Card>
  );
}
