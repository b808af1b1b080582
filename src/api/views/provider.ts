import type { z } from "zod";
import { type CustomProvider, type CustomProviderSummary, customKey } from "#domain/catalog/custom-provider.ts";
import type { Imported } from "#domain/catalog/import-openapi.ts";
import type { customProviderSummary, customProviderView, importOpenapi } from "../contract/providers.ts";

export const toCustomProviderSummary = (provider: CustomProviderSummary): z.input<typeof customProviderSummary> => ({
  id: provider.id,
  name: provider.name,
  key: customKey(provider.name),
  display_name: provider.displayName,
  active: provider.active,
  version: provider.version,
  actions: provider.actions,
  used_by: { connections: provider.connections },
  created_at: provider.createdAt.toISOString(),
  created_by: provider.createdBy ?? null,
  updated_at: provider.updatedAt.toISOString(),
  updated_by: provider.updatedBy ?? null,
});

export const toCustomProviderView = (provider: CustomProvider): z.input<typeof customProviderView> => ({
  ...toCustomProviderSummary(provider),
  definition: provider.definition,
});

export const toImportView = ({ definition, report }: Imported): z.input<NonNullable<typeof importOpenapi.reply>> => ({
  definition,
  report: {
    title: report.title,
    openapi: report.openapi,
    actions: report.actions,
    left_out: report.leftOut,
    notes: report.notes,
  },
});
