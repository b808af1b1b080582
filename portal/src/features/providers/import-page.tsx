import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError } from "../../lib/api.ts";
import type { OpenapiImport } from "../../lib/contract.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { DocumentInput } from "../../ui/document-input.tsx";
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
            navigate({
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
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
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
    <Card className="grid max-w-200 gap-4 p-4">
      <DocumentInput
        label="Document"
        hint="JSON or YAML, up to 5 MiB."
        error={refused}
        value={text}
        onChange={(next) => {
          setText(next);
          setFailure(undefined);
        }}
        accept=".json,.yaml,.yml,application/json,application/yaml"
        largest={LARGEST}
        lines={14}
      />
      {failure !== undefined && !refused && <FailedState what="The document could not be read" error={failure} />}
      <Button
        kind="primary"
        busy={busy}
        disabled={forbidden ?? (text.trim() === "" && "Give a document first.")}
        onClick={() => void send()}
        className="justify-self-start"
      >
        Read the document
      </Button>
    </Card>
  );
}
