import type { ReactNode } from "react";
import type { FileDetail, SyncView } from "../../lib/contract.ts";
import { formatCount, unknown } from "../../lib/format.ts";
import { Card } from "../../ui/card.tsx";
import { Bytes, Time } from "../../ui/figures.tsx";
import { typeName } from "./parts/exports.ts";
import { reasonWords } from "./remedies.ts";
import { destinationText, partLabel } from "./words.ts";

/** What the rules of the sync have read off the path, each value with its rule. */
export function MetadataCard({ file }: { file: FileDetail }) {
  const from = new Map(file.metadata_from.map((one) => [one.part, one]));
  const entries = Object.entries(file.metadata);
  return (
    <Card title="Metadata" note="and the rule behind each value">
      {entries.length === 0 ? (
        <p className="px-4 py-3 text-muted">No rule matches this file's path.</p>
      ) : (
        <Facts
          rows={entries.map(([part, value]) => {
            const rule = from.get(part);
            return [
              partLabel(part),
              <span key={part}>
                <span className="font-medium">{value}</span>
                {rule && (
                  <span className="block text-xs text-muted wrap-anywhere">
                    rule {rule.rule + 1}: <code>{rule.pattern}</code>
                  </span>
                )}
              </span>,
            ];
          })}
        />
      )}
    </Card>
  );
}

/** The object at the destination, and whether it is of the version that the source has now. */
export function CopyCard({ file, sync }: { file: FileDetail; sync: SyncView | undefined }) {
  const { object } = file;
  if (!object) {
    return (
      <Card title="Copy">
        <p className="px-4 py-3 text-muted">{noCopyWords(file, sync)}</p>
      </Card>
    );
  }
  return (
    <Card title="Copy" note={versionWords(file)}>
      <Facts
        rows={[
          ["Where", sync ? destinationText(sync.destination).title : "the destination"],
          ["Key", <Code key="key">{object.key}</Code>],
          ["Size", <Bytes key="size" value={object.size} />],
          ["SHA-256", <Code key="sha">{object.sha256}</Code>],
          ["Stored", <Time key="stored" at={object.stored_at} />],
          ["Of version", file.stored_version === null ? unknown : <Code key="of">{file.stored_version}</Code>],
          ...(file.export_as ? [["Exported as", typeName(file.export_as)] satisfies Row] : []),
        ]}
      />
    </Card>
  );
}

function noCopyWords({ state, reason }: FileDetail, sync: SyncView | undefined): string {
  if (reason !== null) return `No copy. ${reasonWords(reason)}`;
  if (state === "waiting") return "Not copied yet: the run that is on, or the next one, brings it.";
  if (state === "failed") return "No copy yet. Why stands above.";
  if (sync?.destination.kind === "none") return "This sync keeps metadata only: no copy is made.";
  return "No copy.";
}

function versionWords({ stored_version, version, state }: FileDetail): string {
  if (state === "removed") return "kept; it is gone at the source";
  return stored_version === version ? "of the version at the source" : "of an earlier version; the newer one waits";
}

/** What the source says of it: also what only this provider tells. */
export function SourceCard({ file }: { file: FileDetail }) {
  return (
    <Card title="At the source">
      <Facts
        rows={[
          ["Folder", file.folder || "/"],
          ["Type", file.media_type ?? unknown],
          ["Size", <Bytes key="size" value={file.size} />],
          ["Created", <Time key="created" at={file.created_at} />],
          ["Modified", <Time key="modified" at={file.modified_at} />],
          ["First seen", <Time key="seen" at={file.first_seen_at} />],
          ...(file.removed_at ? [["Gone since", <Time key="removed" at={file.removed_at} />] satisfies Row] : []),
          ...(file.reason ? [["Why it is so", reasonWords(file.reason)] satisfies Row] : []),
          ...Object.entries(file.source_metadata).map(([name, value]): Row => [sourceLabel(name), sourceValue(value)]),
          ["Version", <Code key="version">{file.version}</Code>],
          ["Id at the source", <Code key="id">{file.remote_id}</Code>],
        ]}
      />
    </Card>
  );
}

/** `modifiedBy` → "Modified by"; `eTag` stays one word. */
const sourceLabel = (name: string): string => {
  const words = name.replace(
    /([a-z]{2,})([A-Z])/g,
    (_, before: string, letter: string) => `${before} ${letter.toLowerCase()}`,
  );
  return partLabel(words);
};

const sourceValue = (value: string | number | boolean): string =>
  typeof value === "boolean" ? (value ? "yes" : "no") : typeof value === "number" ? formatCount(value) : value;

type Row = [string, ReactNode];

const Code = ({ children }: { children: string }) => <code className="text-xs select-all">{children}</code>;

function Facts({ rows }: { rows: readonly Row[] }) {
  return (
    <dl className="grid grid-cols-[140px_minmax(0,1fr)] gap-x-4 gap-y-1.5 px-4 py-3 max-md:grid-cols-1 max-md:gap-y-0.5">
      {rows.map(([label, value]) => (
        <div key={label} className="contents">
          <dt className="text-muted">{label}</dt>
          <dd className="wrap-anywhere max-md:mb-1.5">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
