import { useQuery } from "@tanstack/react-query";
import type { Filters, FolderChoice, MetadataRule } from "../../../lib/contract.ts";
import { useWorkspace } from "../../../lib/session.ts";
import { useDebounced } from "../../../lib/use-debounced.ts";
import { previewQuery } from "../api.ts";

export interface PreviewOf {
  connection: string;
  drive: string;
  folders: FolderChoice[];
  filters: Filters;
  rules: MetadataRule[];
}

/** What the choices would do to real files; asked 400 ms after the last change, the former answer stays until then. */
export function usePreview({ connection, drive, folders, filters, rules }: PreviewOf) {
  const workspace = useWorkspace();
  const asked = useDebounced(
    // Half-written rules would only be refused.
    JSON.stringify({
      connection_id: connection,
      drive,
      folders,
      filters,
      rules: rules.filter((rule) => rule.pattern !== ""),
    }),
    400,
  );
  return useQuery({ ...previewQuery(workspace.id, JSON.parse(asked)), enabled: connection !== "" && drive !== "" });
}

export type Preview = ReturnType<typeof usePreview>;
