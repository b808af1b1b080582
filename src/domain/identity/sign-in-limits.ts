/** Failed sign-ins are counted so that guessing gets nowhere, without locking anybody out of their account (SR-50). */
import { setTimeout } from "node:timers/promises";
import { sql } from "kysely";
import { AppError } from "#core/errors.ts";
import type { AuthDatabase } from "#db/auth-database.ts";
import { hashToken } from "#vault/token.ts";

const windowMinutes = 15;
const limits = { together: 10, address: 100, account: 50 };
const slowAnswerMs = 2_000;

export interface Try {
  /** It was the right password: it does not count. */
  succeeded(): Promise<void>;
}

/**
 * Counts a try before it is made, so that tries at the same time count too.
 *
 * One address has `together` tries for an account and `address` tries in all, then it waits for the window to end: the
 * owner comes from another address. Many addresses at one account only make its answers slow.
 *
 * @throws AppError `too_many_requests`
 */
export async function countTry(auth: AuthDatabase, email: string, address: string): Promise<Try> {
  const account = email.toLowerCase();
  const subjects = {
    together: hashToken(`together ${address} ${account}`),
    address: hashToken(`address ${address}`),
    account: hashToken(`account ${account}`),
  };
  const counted = await add(auth, Object.values(subjects));
  const failures = (of: keyof typeof subjects) => counted.get(subjects[of])?.failures ?? 0;
  const over = (["together", "address"] as const).find((of) => failures(of) > limits[of]);
  if (over) {
    throw new AppError("too_many_requests", "Too many failed sign-ins. Wait a while, then try again.", {
      retryAfterS: Math.max(1, Math.ceil(counted.get(subjects[over])?.endsInS ?? 0)),
    });
  }
  if (failures("account") > limits.account) await setTimeout(slowAnswerMs);
  return { succeeded: () => forgive(auth, subjects) };
}

async function add({ kysely }: AuthDatabase, subjects: string[]) {
  const { rows } = await sql<{ subject: string; failures: number; endsInS: number }>`
    insert into identity.sign_in_failures as f (subject, window_start, failures)
    select subject, date_bin(make_interval(mins => ${windowMinutes}), now(), timestamptz 'epoch'), 1
      from unnest(${subjects}::text[]) as subject
     order by subject
        on conflict (subject, window_start) do update set failures = f.failures + 1
    returning subject, failures,
      extract(epoch from window_start + make_interval(mins => ${windowMinutes}) - now())::float8 as "endsInS"`.execute(
    kysely,
  );
  return new Map(rows.map((row) => [row.subject, row]));
}

async function forgive({ kysely }: AuthDatabase, subjects: { together: string; address: string; account: string }) {
  await sql`
    update identity.sign_in_failures set failures = case when subject = ${subjects.together} then 0 else failures - 1 end
     where subject = any(${Object.values(subjects)}::text[]) and failures > 0
       and window_start = date_bin(make_interval(mins => ${windowMinutes}), now(), timestamptz 'epoch')`.execute(
    kysely,
  );
  await sql`delete from identity.sign_in_failures where window_start < now() - interval '1 day'`.execute(kysely);
}
