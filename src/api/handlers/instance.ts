import type { z } from "zod";
import * as contract from "../contract/instance.ts";
import { type Handler, handle } from "../handle.ts";
import type { InstanceStatus } from "../server-deps.ts";

export interface InstanceDeps {
  readStatus(): Promise<InstanceStatus>;
  listInstanceWorkspaces(): Promise<z.input<NonNullable<(typeof contract.listInstanceWorkspaces)["reply"]>>["items"]>;
}

export const instanceHandlers = (deps: InstanceDeps): Handler[] => [
  handle(contract.instanceStatus, () => deps.readStatus()),
  handle(contract.listInstanceWorkspaces, async () => ({ items: await deps.listInstanceWorkspaces() })),
];
