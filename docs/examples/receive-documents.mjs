// A receiver of documents, without dependencies: Node 22 or newer. See docs/guides/hand-off.md.
//
//   TENANT=yacht-042 SECRET=whsec_… PREFIX=yard/ STORE=received.jsonl PORT=8090 node receive-documents.mjs
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { createServer } from "node:http";

const { TENANT = "", SECRET = "", PREFIX = "", STORE = "received.jsonl", PORT = "8090" } = process.env;
if (TENANT === "" || SECRET === "") throw new Error("TENANT and SECRET are needed.");

// While a secret is being replaced there are two, separated by a blank: whichever matches counts.
const tenants = new Map([[TENANT, { prefix: PREFIX, keys: SECRET.split(" ").map(keyOf) }]]);
const MOST_BYTES = 64 * 1024;
const TOLERANCE_S = 300;

// What was taken, by its id. A real receiver has a table with a unique key, and forgets after a week at the earliest.
const taken = new Map(
  (existsSync(STORE) ? readFileSync(STORE, "utf8").split("\n") : [])
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line))
    .map((entry) => [entry.key, entry]),
);
const beingTaken = new Set();
const store = await open(STORE, "a");

const server = createServer((request, response) => {
  answer(request)
    .catch(() => fail(500, "internal", "Try again."))
    .then(({ status, body }) => {
      // What was not read of a body that is too large is not waited for.
      response.writeHead(status, {
        "content-type": "application/json",
        ...(status === 413 && { connection: "close" }),
      });
      response.end(JSON.stringify(body));
    });
});
server.listen(Number(PORT), "127.0.0.1", () => {
  process.stdout.write(`listening on http://127.0.0.1:${server.address().port}\n`);
});

async function answer(request) {
  if (request.url !== "/v1/documents") return fail(404, "not_found", "There is nothing here.");
  if (request.method !== "POST") return fail(405, "method_not_allowed", "POST it.");
  if (request.headers["content-type"] !== "application/json") return fail(415, "unsupported_media_type", "Send JSON.");

  // 1. The bytes as they came: the signature is over them, not over what a parser makes of them.
  const bytes = await read(request);
  if (!bytes) return fail(413, "too_large", "A message has at most 64 KiB.");

  // 2. Time, then signature. An unknown tenant looks like a wrong signature.
  const id = header(request, "webhook-id");
  const timestamp = header(request, "webhook-timestamp");
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(Date.now() / 1000 - Number(timestamp)) > TOLERANCE_S) {
    return fail(401, "timestamp_out_of_range", "The time of the message is not now.");
  }
  const name = header(request, "x-tenant-id");
  const tenant = tenants.get(name);
  const keys = tenant?.keys ?? [Buffer.alloc(32)];
  const isGenuine = isSigned(keys, `${id}.${timestamp}.`, bytes, header(request, "webhook-signature"));
  if (!tenant || !isGenuine || !/^evt_[0-9A-HJKMNP-TV-Z]{26}$/.test(id)) {
    return fail(401, "signature_invalid", "The signature is not right.");
  }

  // 3. What it says.
  const message = parse(bytes);
  if (message?.tenant_id !== name) return fail(403, "tenant_mismatch", "That is another tenant's.");
  if (message.type === "receiver.check") return { status: 200, body: { ok: true } };
  if (message.type !== "document.ready" || typeof message.document?.storage?.path !== "string") {
    return fail(422, "not_a_document", "There is no document in it.");
  }
  if (!message.document.storage.path.startsWith(tenant.prefix)) {
    return fail(422, "foreign_storage", "That is not a place of this tenant.");
  }

  // 4. Once for each id.
  const key = `${name} ${id}`;
  const hash = createHash("sha256").update(bytes).digest("hex");
  const known = taken.get(key);
  if (known && known.hash !== hash) return fail(409, "idempotency_conflict", "This id had another message.");
  if (known) return { status: 200, body: { id, job_id: known.job, duplicate: true } };
  if (beingTaken.has(key)) return fail(409, "in_progress", "The first try is still running.");
  beingTaken.add(key);
  try {
    // 5. Durable first, then the answer. The work itself comes later, from what was stored.
    const entry = { key, hash, job: `job_${hash.slice(0, 12)}`, message };
    await store.appendFile(`${JSON.stringify(entry)}\n`);
    await store.datasync();
    taken.set(key, entry);
    return { status: 202, body: { id, job_id: entry.job } };
  } finally {
    beingTaken.delete(key);
  }
}

function isSigned(keys, before, bytes, signatures) {
  const given = signatures.split(" ").filter((one) => one.startsWith("v1,"));
  let found = false;
  for (const key of keys) {
    const wanted = createHmac("sha256", key).update(before).update(bytes).digest();
    for (const one of given) {
      const other = Buffer.from(one.slice(3), "base64");
      if (other.length === wanted.length && timingSafeEqual(other, wanted)) found = true;
    }
  }
  return found;
}

function keyOf(secret) {
  return Buffer.from(secret.replace(/^whsec_/, ""), "base64");
}

async function read(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parse(bytes) {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}

function header(request, name) {
  const value = request.headers[name];
  return typeof value === "string" ? value : "";
}

function fail(status, code, message) {
  return { status, body: { error: { code, message } } };
}
