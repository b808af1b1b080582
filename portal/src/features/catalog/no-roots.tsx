import type { ProviderView } from "../../lib/contract.ts";

/** A provider on this machine whose `root` offers nothing to choose: the operator has named no folder yet. */
export function needsRoots({ addresses, config_schema: { properties } }: ProviderView): boolean {
  if (addresses.length > 0 || typeof properties !== "object" || properties === null || !("root" in properties))
    return false;
  const { root } = properties;
  return typeof root === "object" && root !== null && !("enum" in root) && !("const" in root);
}

/** What to ask whoever runs Hawser for. */
export function NoRoots() {
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
