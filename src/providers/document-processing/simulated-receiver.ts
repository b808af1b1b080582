/** What a receiver of documents answers over the wire, in both forms, and what it remembers. */
import { type Part, readForm } from "#provider-kit/sim/multipart.ts";
import { isSameText, sha256Of, tenantSignature } from "#provider-kit/sim/webhook-verifier.ts";
import { verifyMessage } from "#provider-kit/webhook-message.ts";
import { OLDER_PATH } from "./deliver.ts";

export interface Tenant {
  id: string;
  /** What its places in storage begin with. */
  prefix: string;
  /** The newest first; while one is being replaced, both hold. */
  secrets: string[];
  /** Of the older form. */
  salt: string;
}

/** A message, by its id: how often it came and what became of it. */
export interface ReceivedMessage {
  id: string;
  tenant: string;
  hash: string;
  received: number;
  /** How often its document was worked on, which must be once. */
  processed: number;
  attempts: number[];
  payload: unknown;
  answer: object;
}

export interface ReceiverState {
  tenants: Tenant[];
  messages: Map<string, ReceivedMessage>;
  /** What came in the older form, which knows no ids. */
  older: { filename: string; data: unknown; sha256: string }[];
  older_signature: { formula: "sha256-concat" | "hmac-sha256"; key: "text" | "hex" };
  /** How far its clock is ahead of ours. */
  clockOffsetS: number;
  mostInlineBytes: number;
  /** Ids whose first try has not come to its end. */
  inProgress: Set<string>;
  /** Answers this to a document it knows nothing of yet: `undefined` takes all. */
  refuse: ((payload: unknown) => { code: string; message: string } | undefined) | undefined;
}

const MOST_JSON = 64 * 1024;
const idPattern = /^evt_[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

export async function answer(state: ReceiverState, request: Request, path: string, now: Date): Promise<Response> {
  const theirNow = new Date(now.getTime() + state.clockOffsetS * 1000);
  const reply = await answerAt(state, request, path, theirNow);
  reply.headers.set("date", theirNow.toUTCString());
  return reply;
}

async function answerAt(state: ReceiverState, request: Request, path: string, now: Date): Promise<Response> {
  if (path === `/${OLDER_PATH}`) {
    return request.method === "POST" ? takeOlder(state, request) : fail(405, "method_not_allowed", "POST it.");
  }
  if (path !== "/v1/documents") return fail(404, "not_found", "There is nothing here.");
  if (request.method !== "POST") return fail(405, "method_not_allowed", "POST it.");
  return takeDocument(state, request, now);
}

async function takeDocument(state: ReceiverState, request: Request, now: Date): Promise<Response> {
  const body = new Uint8Array(await request.arrayBuffer());
  const type = request.headers.get("content-type") ?? "";
  const isForm = type.startsWith("multipart/form-data");
  if (!isForm && type !== "application/json") return fail(415, "unsupported_media_type", "JSON or a form.");
  if (body.length > (isForm ? state.mostInlineBytes : MOST_JSON)) return fail(413, "too_large", "That is too much.");
  const parts = isForm ? readForm(body, type) : undefined;
  if (isForm && !inOrder(parts)) return fail(400, "malformed", "The parts are meta and then file.");
  const payload = parts?.[0]?.bytes ?? body;

  const header = (name: string) => request.headers.get(name) ?? "";
  const tenant = state.tenants.find(({ id }) => id === header("x-tenant-id"));
  const id = header("webhook-id");
  if (!idPattern.test(id)) return fail(400, "malformed", "The id of the message is not one.");
  const sent = { id, timestamp: header("webhook-timestamp"), signature: header("webhook-signature") };
  const verdict = verifyMessage(tenant?.secrets ?? [], sent, payload, now);
  if (verdict === "timestamp_out_of_range") return fail(401, verdict, "The time of the message is not now.");
  if (verdict === "forged" || !tenant) return fail(401, "signature_invalid", "The signature is not right.");

  const message = readMessage(payload);
  if (!message || message.tenant_id !== tenant.id) return fail(403, "tenant_mismatch", "That is another tenant's.");
  if (message.type === "receiver.check") return Response.json({ ok: true });
  return remember(state, { id, tenant, attempt: Number(header("webhook-attempt")), payload }, () =>
    judge(state, message, tenant, parts?.[1]),
  );
}

/** Same id and same message: the stored answer. Same id and another message: somebody is wrong. */
async function remember(
  state: ReceiverState,
  about: { id: string; tenant: Tenant; attempt: number; payload: Uint8Array },
  judged: () => Response | undefined,
): Promise<Response> {
  const { id, tenant, attempt, payload } = about;
  const hash = sha256Of(payload);
  const known = state.messages.get(id);
  if (known) {
    known.received += 1;
    known.attempts.push(attempt);
    if (known.hash !== hash) return fail(409, "idempotency_conflict", "This id had another message.");
    if (state.inProgress.has(id)) return fail(409, "in_progress", "The first try is still running.");
    return Response.json({ ...known.answer, duplicate: true });
  }
  const refusal = judged();
  if (refusal) return refusal;
  const answer = { id, job_id: `job_${hash.slice(0, 12)}` };
  state.messages.set(id, {
    id,
    tenant: tenant.id,
    hash,
    received: 1,
    processed: 1,
    attempts: [attempt],
    payload: JSON.parse(new TextDecoder().decode(payload)),
    answer,
  });
  return Response.json(answer, { status: 202 });
}

function judge(state: ReceiverState, message: Message, tenant: Tenant, file: Part | undefined): Response | undefined {
  const { document } = message;
  if (!document) return fail(422, "malformed", "There is no document in it.");
  if (file) {
    if (file.bytes.length !== document.size_bytes || sha256Of(file.bytes) !== document.sha256) {
      return fail(422, "digest_mismatch", "The file is not the one that was announced.");
    }
  } else if (!document.storage?.path?.startsWith(tenant.prefix)) {
    return fail(422, "foreign_storage", "That is not a place of this tenant.");
  }
  const refusal = state.refuse?.(message);
  return refusal && fail(422, refusal.code, refusal.message);
}

async function takeOlder(state: ReceiverState, request: Request): Promise<Response> {
  const tenant = state.tenants.find(({ id }) => id === request.headers.get("x-yacht-id"));
  const signature = tenant ? tenantSignature(state.older_signature, tenant.id, tenant.salt) : "";
  if (!tenant || !isSameText(signature, request.headers.get("x-yacht-signature") ?? "")) {
    return Response.json({ detail: "Invalid signature" }, { status: 401 });
  }
  const parts = readForm(new Uint8Array(await request.arrayBuffer()), request.headers.get("content-type") ?? "") ?? [];
  const file = parts.find(({ name }) => name === "file");
  const data = parts.find(({ name }) => name === "data");
  const read = data && readMessage(data.bytes);
  if (!file || !read) return Response.json({ detail: "Field required" }, { status: 422 });
  if (read.yacht_id !== tenant.id) return Response.json({ detail: "Yacht ID mismatch" }, { status: 403 });
  state.older.push({ filename: file.filename ?? "", data: read, sha256: sha256Of(file.bytes) });
  return Response.json({ status: "accepted" });
}

interface Message {
  type?: string;
  tenant_id?: string;
  yacht_id?: string;
  document?: { size_bytes?: number; sha256?: string; storage?: { path?: string } };
}

function readMessage(bytes: Uint8Array): Message | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

const inOrder = (parts: readonly Part[] | undefined): boolean =>
  parts?.length === 2 && parts[0]?.name === "meta" && parts[1]?.name === "file";

const fail = (status: number, code: string, message: string): Response =>
  Response.json({ error: { code, message } }, { status });
