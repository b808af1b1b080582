import type { SelectionPreview } from "../../../lib/contract.ts";
import { formatCount } from "../../../lib/format.ts";
import { RadioCards } from "../../../ui/radio-cards.tsx";
import { documentWord, type ExportKey, exportChoices, exportKeyOf, typeName } from "./exports.ts";
import type { Preview } from "./use-preview.ts";

export interface ExportsFormProps {
  value: readonly string[];
  onChange: (exports: string[]) => void;
  preview: Preview;
  disabled?: boolean | undefined;
}

/** What documents without bytes of their own become. Only where the source has some, or somebody has chosen before. */
export function ExportsForm({ value, onChange, preview: { data }, disabled }: ExportsFormProps) {
  const documents = data?.documents ?? [];
  if (documents.length === 0 && value.length === 0) return null;
  const chosen = exportKeyOf(value);
  const own = {
    value: "own" as ExportKey,
    title: "As it was set by a program",
    detail: value.map(typeName).join(", then "),
  };
  return (
    <div className="grid grid-cols-1 gap-3">
      <RadioCards<ExportKey>
        legend="Documents that exist only at the source become"
        value={chosen}
        onChange={(key) => {
          const choice = exportChoices.find((one) => one.key === key);
          if (choice) onChange([...choice.exports]);
        }}
        columns={2}
        disabled={disabled}
        options={[
          ...exportChoices.map(({ key, title, detail }) => ({ value: key, title, detail })),
          ...(chosen === "own" ? [own] : []),
        ]}
      />
      <Effect documents={documents} truncated={data?.truncated ?? false} />
    </div>
  );
}

type EffectProps = Pick<SelectionPreview, "documents" | "truncated">;

/** "12 documents will be exported as Word", of the files that were looked at. */
function Effect({ documents, truncated }: EffectProps) {
  if (documents.length === 0) return null;
  return (
    <div role="status">
      <ul className="grid gap-0.5">
        {documents.map(({ media_type, as, files }) => (
          <li key={media_type}>
            <strong className="font-semibold">{formatCount(files)}</strong> {documentWord(media_type, files)} will be
            exported as {typeName(as)}
          </li>
        ))}
      </ul>
      {truncated && <p className="text-xs text-muted">Among the files that were looked at; there are more.</p>}
    </div>
  );
}
