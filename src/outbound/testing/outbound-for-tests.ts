import { onTestFinished } from "vitest";
import { createOutbound, type Outbound } from "../client.ts";
import type { Resolve } from "../connect.ts";
import type { Limits } from "../limits.ts";
import { createPolicy } from "../policy.ts";
import type { Loopback } from "./loopback.ts";

/** Outbound that reaches the given loopback servers, and nothing else that is private. */
export function outboundTo(
  servers: readonly Loopback[],
  options: { limits?: Partial<Limits>; resolve?: Resolve } = {},
): Outbound {
  const exceptions = servers.map(({ port }) => `127.0.0.1:${port}`);
  // The resolver of tests knows no name: nothing leaves the machine by mistake.
  const nowhere: Resolve = () => Promise.reject(Object.assign(new Error("unknown"), { code: "ENOTFOUND" }));
  const policy = createPolicy({ allowHttp: true, exceptions, extraPorts: servers.map(({ port }) => port) });
  const outbound = createOutbound({ policy, resolve: options.resolve ?? nowhere, limits: options.limits ?? {} });
  onTestFinished(() => outbound.close("now"));
  return outbound;
}
