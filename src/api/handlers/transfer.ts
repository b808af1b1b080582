import { exportWorkspace } from "#domain/transfer/export-workspace.ts";
import { importWorkspace, type TransferDeps } from "#domain/transfer/import-workspace.ts";
import * as contract from "../contract/transfer.ts";
import { type Handler, handle } from "../handle.ts";
import { toExportView, toImportView } from "../views/transfer.ts";

export const transferHandlers = (deps: TransferDeps): Handler[] => [
  handle(contract.exportWorkspace, async ({ workspace }) => toExportView(await exportWorkspace(deps, workspace))),
  handle(contract.importWorkspace, async (ctx) => toImportView(await importWorkspace(deps, ctx, ctx.body))),
];
