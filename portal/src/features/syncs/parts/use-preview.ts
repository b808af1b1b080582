import { useQuery } from "@tanstack/react-query";
import type { Filters, FolderChoice, MetadataRule } from "../../../lib/contract.ts";
import { useWorkspace } from "../../../lib/session.ts";
import { useDebounced } from "../../../lib/use-debounced.ts";
import { type PreviewRequest, previewQuery } from "../api.ts";

export interface PreviewOf {
  connection: string;
  drive: string;
  folders: FolderChoice[];
  filters: Filters;
  rules: MetadataRule[];
  exports: string[];
}

/** What the choices would do to real files; asked 400 ms after the last change, the former answer stays until then. */
export function usePreview({ connection, drive, folders, filters, rules, exports }: PreviewOf) {
  const workspace = useWorkspace();
  // Half-written rules would only be refused.
  const written = rules.filter((rule) => rule.pattern !== "");
  // As text, because an object made anew at every drawing would never come to rest.
  const settled = useDebounced(
    JSON.stringify({ connection_id: connection, drive, folders, filters, rules: written, exports }),
    400,
  );
  const asked: PreviewRequest = JSON.parse(settled);
  return useQuery({ ...previewQuery(workspace.id, asked), enabled: asked.connection_id !== "" && asked.drive !== "" });
}

export type Preview = ReturnType<typeof usePreview>;
