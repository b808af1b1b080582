import type { SyncSettings } from "./sync.ts";

/** What the audit log tells of a sync's settings, under the names that the API gives them. */
export const auditedFields = (settings: SyncSettings): Record<string, unknown> => ({
  name: settings.name,
  description: settings.description,
  tags: settings.tags,
  enabled: settings.enabled,
  folders: settings.folders.map(({ id, path }) => path || id),
  filters: settings.filters,
  max_files_per_run: settings.maxFilesPerRun,
  rules: settings.rules,
  on_delete: settings.onDelete,
  exports: settings.exports,
  schedule: settings.schedule,
  handoff: settings.handoff,
});
