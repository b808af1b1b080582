import { invalidField, notFound } from "#core/errors.ts";
import type { UserId } from "#core/ids.ts";
import type { Database } from "#db/database.ts";
import { violatesCheck } from "#db/violation.ts";
import { audit } from "../audit/audit.ts";
import { deleteDraft, findDraft, upsertDraft } from "./queries.ts";
import type { Acting, Draft, DraftKind } from "./workspace.ts";

/** Who may have drafts: people. An API key keeps what it works on itself. */
export type Drafting = Pick<Acting, "workspace" | "actor"> & { user?: UserId };

/**
 * What the person has begun to fill in; nothing when they have not.
 * @throws AppError `not_found` for an API key
 */
export async function readDraft(
  { db }: { db: Database },
  by: Omit<Drafting, "actor">,
  kind: DraftKind,
): Promise<Draft | undefined> {
  const user = drafterOf(by);
  return db.asWorkspace({ workspace: by.workspace, user }, (tx) => findDraft(tx, user, kind));
}

/**
 * Keeps a draft in place of the one before.
 * @returns when it was kept
 * @throws AppError `invalid_request` above 64 KiB, `not_found` for an API key
 */
export async function saveDraft(
  { db }: { db: Database },
  by: Drafting,
  kind: DraftKind,
  body: Record<string, unknown>,
): Promise<Date> {
  const user = drafterOf(by);
  try {
    return await db.asWorkspace({ workspace: by.workspace, user }, async (tx) => {
      const keptAt = await upsertDraft(tx, user, kind, body);
      await audit(tx, { actor: by.actor, action: "draft.saved", target: { kind: `${kind} draft` } });
      return keptAt;
    });
  } catch (failure) {
    if (violatesCheck(failure, "drafts_size")) throw invalidField("/body", "A draft has at most 64 KiB.", "too_big");
    throw failure;
  }
}

/**
 * Forgets a draft; one that is not there is forgotten already.
 * @throws AppError `not_found` for an API key
 */
export async function discardDraft({ db }: { db: Database }, by: Drafting, kind: DraftKind): Promise<void> {
  const user = drafterOf(by);
  await db.asWorkspace({ workspace: by.workspace, user }, async (tx) => {
    if (!(await deleteDraft(tx, user, kind))) return;
    await audit(tx, { actor: by.actor, action: "draft.discarded", target: { kind: `${kind} draft` } });
  });
}

function drafterOf({ user }: Pick<Drafting, "user">): UserId {
  if (!user) throw notFound();
  return user;
}
