import type { ReactNode } from "react";
import type { AuditEntry } from "../../lib/contract.ts";
import { formatExact } from "../../lib/format.ts";
import { actionWords } from "../../ui/activity-sentence.tsx";
import { Sheet } from "../../ui/sheet.tsx";
import { Result } from "./audit-result.tsx";

/** One entry of the audit log: who, from where, what stood there before and after. */
export function AuditSheet({ entry, onClose }: { entry: AuditEntry | undefined; onClose: () => void }) {
  return (
    <Sheet
      open={entry !== undefined}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={entry ? sentenceOf(entry) : ""}
      description={entry && formatExact(entry.at)}
    >
      {entry && (
        <div className="grid gap-6">
          <dl className="grid grid-cols-[112px_1fr] gap-x-4 gap-y-2 [&_dd]:wrap-anywhere [&_dt]:text-muted">
            <Fact name="Result">
              <Result result={entry.result} />
            </Fact>
            <Fact name="Action">
              <code className="text-xs">{entry.action}</code>
            </Fact>
            <Fact name="Who">
              {entry.actor.label} ({entry.actor.kind.replace("_", " ")})
            </Fact>
            <Fact name="From">{entry.address ?? "—"}</Fact>
            <Fact name="Request">
              {entry.request_id ? <code className="text-xs select-all">{entry.request_id}</code> : "—"}
            </Fact>
            <Fact name="Entry">{entry.sequence}</Fact>
          </dl>
          <Difference before={entry.before} after={entry.after} />
        </div>
      )}
    </Sheet>
  );
}

function sentenceOf(entry: AuditEntry): string {
  const { words, label } = actionWords(entry.action, entry.target?.label);
  return [entry.actor.label, words, label].filter(Boolean).join(" ");
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

type Values = AuditEntry["before"];

function Difference({ before, after }: { before: Values; after: Values }) {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  if (names.length === 0) return null;
  return (
    <table className="w-full table-fixed text-left [&_td]:border-t [&_td]:border-border [&_td]:py-1.5 [&_td]:pr-3 [&_td]:align-top [&_td]:wrap-anywhere [&_th]:pb-1.5 [&_th]:text-xs [&_th]:font-medium [&_th]:text-muted">
      <thead>
        <tr>
          <th className="w-28">Value</th>
          <th>Before</th>
          <th>After</th>
        </tr>
      </thead>
      <tbody>
        {names.map((name) => (
          <tr key={name}>
            <td className="text-muted">{name.replaceAll("_", " ")}</td>
            <td>{asText(before?.[name])}</td>
            <td>{asText(after?.[name])}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function asText(value: unknown): string {
  if (value === undefined || value === null || value === "") return "—";
  return typeof value === "string" ? value : JSON.stringify(value);
}
