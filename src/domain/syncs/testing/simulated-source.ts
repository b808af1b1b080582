import { OutboundError } from "#outbound/outbound-error.ts";
import { covers } from "#provider-kit/covers.ts";
import type { Account, Call, FileSource, KeptValues, Provider } from "#provider-kit/provider.ts";
import { createProviderHttp } from "#provider-kit/provider-http.ts";
import type { SimulatedFiles } from "#provider-kit/sim/files.ts";
import { editSimulated } from "#provider-kit/testing/simulated-editor.ts";
import type { WorkedSource } from "./tree-source.ts";

/** The same answer, whose body breaks off as it does when it comes over the network. */
function asOutbound({ status, headers, body }: Response): Response {
  if (!body) return new Response(null, { status, headers });
  const reader = body.getReader();
  const passed = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const read = await reader.read().catch((cause: unknown) => {
          throw new OutboundError("cut-off", "The connection broke.", { sent: true, cause });
        });
        if (read.done) controller.close();
        else controller.enqueue(read.value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  return new Response(passed, { status, headers });
}

/** A simulator and its provider as a source to be worked at. The provider speaks its wire format, without a socket. */
export function simulatedSource<Config>(about: {
  service: SimulatedFiles;
  /** Described with the addresses of the service. */
  provider: Provider<Config>;
  config: Config;
  client: { id: string; secret: string };
}): WorkedSource & { requests(): number } {
  const { service, provider, config } = about;
  const at = editSimulated(about);
  const addresses = provider.addresses?.(config, {}) ?? [""];
  const real = provider.files;
  if (!real) throw new Error(`${provider.name} has no files`);
  let account: (Account & { kept?: KeptValues }) | undefined;
  let requests = 0;

  const ask = async (request: Request, redirects = 0): Promise<Response> => {
    requests += 1;
    if (!covers(addresses, new URL(request.url))) return Response.json({ stranger: true });
    const answer = await at.fetch(request);
    const location = answer.headers.get("location");
    if (request.method !== "GET" || answer.status < 300 || answer.status >= 400 || !location || redirects > 4) {
      return answer;
    }
    const target = new URL(location, request.url);
    const headers = new Headers(request.headers);
    if (target.origin !== new URL(request.url).origin) headers.delete("authorization");
    return ask(new Request(target, { headers }), redirects + 1);
  };
  const httpFor = (signal: AbortSignal) =>
    createProviderHttp({
      provider,
      base: addresses[0],
      signal,
      async send(request, { unsigned }) {
        if (!unsigned) request.headers.set("authorization", "Bearer of whoever signs in");
        return { reply: asOutbound(await ask(request)) };
      },
    });
  const callFor = async (signal: AbortSignal): Promise<Call<Config>> => {
    const first = { http: httpFor(signal), config, kept: {}, auth: provider.auth(config)[0].type, signal };
    account ??= await provider.check(first);
    return { ...first, kept: account.kept ?? {}, account };
  };
  const told = (name: string) => source.onRequest?.(name);
  const files: FileSource = {
    ...(real.hashesMayDiffer && { hashesMayDiffer: true }),
    async drives({ signal }, cursor) {
      told("drives");
      return real.drives(await callFor(signal), cursor);
    },
    async list({ signal }, place) {
      told("list");
      return real.list(await callFor(signal), place);
    },
    async get({ signal }, ref) {
      told("get");
      return real.get(await callFor(signal), ref);
    },
    async read({ signal }, ref, options) {
      told("read");
      return real.read(await callFor(signal), ref, options);
    },
    ...(real.listAll && {
      async listAll({ signal }, place) {
        told("list all");
        return real.listAll?.(await callFor(signal), place);
      },
    }),
    ...(real.changes && {
      async changes({ signal }, place) {
        told("changes");
        const page = await real.changes?.(await callFor(signal), place);
        if (!page) throw new Error("it has no feed");
        return page;
      },
    }),
  };
  const source: WorkedSource & { requests(): number } = {
    provider: {
      key: provider.key,
      name: provider.name,
      description: "",
      category: "files",
      glyph: provider.glyph,
      auth: () => [{ type: "none" }],
      check: async () => ({ id: "account", label: "Account" }),
      files,
    },
    tree: service.tree,
    drive: service.drive,
    quirks: service.quirks,
    loseCursors: () => service.loseCursors(),
    losePages: () => service.losePages(),
    onRequest: undefined,
    calm: () => service.faults.clear(),
    failOnTheWire: (fault) => service.faults.failNext(fault, { path: "/api" }),
    requests: () => requests,
  };
  return source;
}
