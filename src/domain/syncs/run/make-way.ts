import type { FileId, RemoteId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { type Destination, DestinationError } from "#destinations/destination.ts";
import { foldKey, type ObjectKey, withShortId } from "#destinations/object-key.ts";
import { eachAtOnce } from "./at-once.ts";
import type { RunAtWork } from "./at-work.ts";
import { type Claim, dropClaims } from "./object-keys.ts";
import type { OpenRun } from "./run.ts";
import { resting, takeAway } from "./take-away.ts";

const MOVES_AT_ONCE = 8;

/**
 * Frees names that folders need. Objects that have them get their file's id joined, beside where they are, and so does
 * what is on its way elsewhere: two that want below each other's place would wait for each other for good. Nothing may
 * be under way to these names.
 */
export async function makeWay(atWork: RunAtWork, destination: Destination, inTheWay: readonly Claim[]): Promise<void> {
  const { run, sync, write, signal } = atWork;
  const steps = await write((tx) => beginStepsAside(tx, run, inTheWay));
  const taken: Step[] = [];
  await eachAtOnce(steps, MOVES_AT_ONCE, async (step) => {
    signal.throwIfAborted();
    try {
      await resting(destination, () => destination.move(step.from, step.to));
      taken.push(step);
    } catch (failure) {
      // Where somebody has put something in its place, whoever needs the name will be told.
      if (!(failure instanceof DestinationError)) throw failure;
      // What is nowhere stays to be moved, is not found then, and is copied again.
      if (failure.kind === "missing") taken.push({ ...step, rests: false });
    }
  });
  await write((tx) => recordStepsAside(tx, run, taken));
  await takeAway(atWork, destination);
  const foldedKeys = inTheWay.map(({ foldedKey }) => foldedKey);
  await write((tx) => dropClaims(tx, sync.id, foldedKeys));
}

interface Step {
  file: FileId;
  from: ObjectKey;
  to: ObjectKey;
  /** It has its name to itself and would stay, if it were not for this. */
  rests: boolean;
}

/** Whatever becomes of this process, what rests is looked for at both places. */
async function beginStepsAside(tx: WorkspaceTx, run: OpenRun, inTheWay: readonly Claim[]): Promise<Step[]> {
  const files = await tx.sql<{
    id: FileId;
    remote_id: RemoteId;
    object_key: ObjectKey | null;
    pending_key: ObjectKey | null;
    rests: boolean;
  }>`
    select id, remote_id, object_key, pending_key, work is null as rests from files
     where sync_id = ${run.sync} and id = any(${inTheWay.map(({ file }) => file)}::uuid[])`;
  const claimed = new Set(inTheWay.map(({ file, foldedKey }) => `${file} ${foldedKey}`));
  const isInTheWay = (file: FileId, key: ObjectKey | null): key is ObjectKey =>
    key !== null && claimed.has(`${file} ${foldKey(key)}`);
  const steps = files.flatMap(({ id, remote_id, object_key, rests }): Step[] =>
    isInTheWay(id, object_key) ? [{ file: id, from: object_key, to: withShortId(object_key, remote_id), rests }] : [],
  );
  const begun = files.filter(
    ({ id, object_key, pending_key }) => pending_key !== object_key && isInTheWay(id, pending_key),
  );
  await tx.sql`
    with begun as (
      update files set pending_key = null
       where sync_id = ${run.sync} and id = any(${begun.map(({ id }) => id)}::uuid[])
    )
    insert into object_removals (workspace_id, sync_id, object_key)
    select ${tx.workspace}::uuid, ${run.sync}::uuid, unnest(${begun.map(({ pending_key }) => pending_key)}::text[])
    on conflict do nothing`;
  await tx.sql`
    update files set pending_key = step."to"
      from jsonb_to_recordset(${JSON.stringify(steps)}::jsonb) as step(file uuid, "to" text)
     where sync_id = ${run.sync} and id = step.file and work = 'copy'
       and (pending_key is null or pending_key = object_key)`;
  await tx.sql`
    update files set work = 'move'
     where sync_id = ${run.sync} and id = any(${steps.map(({ file }) => file)}::uuid[]) and work is null`;
  return steps;
}

async function recordStepsAside(tx: WorkspaceTx, run: OpenRun, steps: readonly Step[]): Promise<void> {
  const rows = JSON.stringify(steps.map(({ to, ...step }) => ({ ...step, to, folded: foldKey(to) })));
  await tx.sql`
    with step as (
      select * from jsonb_to_recordset(${rows}::jsonb) as s(file uuid, "from" text, "to" text, folded text, rests boolean)
    ), claimed as (
      insert into object_claims (workspace_id, sync_id, folded_key, file_id)
      select ${tx.workspace}::uuid, ${run.sync}::uuid, folded, file from step
      on conflict do nothing
    )
    update files
       set object_key = step."to", work = case when not step.rests then files.work end,
           pending_key = case when files.pending_key = step."from" then step."to" else files.pending_key end
      from step where files.sync_id = ${run.sync} and files.id = step.file and files.object_key = step."from"`;
}
