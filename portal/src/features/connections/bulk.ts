import type { ConnectionView } from "../../lib/contract.ts";
import { formatAmount } from "../../lib/format.ts";
import { toast, toastError } from "../../ui/toast.tsx";
import type { ConnectionActions } from "./api.ts";

/** Tests several connections, one after the other; each that fails is named with its cause. */
export async function testAll(actions: ConnectionActions, connections: readonly ConnectionView[]): Promise<void> {
  let passed = 0;
  await forEach(connections, "could not be tested", async ({ id, name }) => {
    const { ok, failure } = await actions.test(id);
    if (ok) passed += 1;
    else toast(`“${name}” does not work. ${failure?.message ?? "The provider did not say why."}`, { failed: true });
  });
  if (passed > 0) toast(`${formatAmount(passed, "connection")} ${passed === 1 ? "works" : "work"}.`);
}

/** Adds a tag to several connections. */
export async function tagAll(
  actions: ConnectionActions,
  connections: readonly ConnectionView[],
  tag: string,
): Promise<void> {
  const untagged = connections.filter(({ tags }) => !tags.includes(tag));
  const done: ConnectionView[] = [];
  await forEach(untagged, "could not be tagged", async (connection) => {
    await actions.update(connection.id, { tags: [...connection.tags, tag] });
    done.push(connection);
  });
  if (done.length === 0) return;
  toast(`${formatAmount(done.length, "connection")} tagged “${tag}”.`, {
    undo: () => forEach(done, "keeps the tag", ({ id, tags }) => actions.update(id, { tags })),
  });
}

async function forEach(
  connections: readonly ConnectionView[],
  failed: string,
  work: (connection: ConnectionView) => Promise<unknown>,
): Promise<void> {
  for (const connection of connections) {
    try {
      await work(connection);
    } catch (error) {
      toastError(`“${connection.name}” ${failed}`, error);
    }
  }
}
