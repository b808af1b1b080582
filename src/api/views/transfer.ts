import type { z } from "zod";
import type { Exported } from "#domain/transfer/export-workspace.ts";
import type { Imported } from "#domain/transfer/import-workspace.ts";
import type * as contract from "../contract/transfer.ts";

export const toExportView = ({
  yaml,
  leftOut,
}: Exported): z.input<NonNullable<typeof contract.exportWorkspace.reply>> => ({
  yaml,
  left_out: leftOut.map(({ reasons, ...entry }) => ({ ...entry, reasons: [...reasons] })),
});

export const toImportView = ({
  applied,
  changes,
}: Imported): z.input<NonNullable<typeof contract.importWorkspace.reply>> => ({
  applied,
  changes: changes.map(({ fields, reasons, needs, ...change }) => ({
    ...change,
    fields: [...fields],
    reasons: [...reasons],
    needs: needs ?? null,
  })),
});
