import { ProviderError } from "#core/errors.ts";
import type { Cursor } from "#core/ids.ts";
import type { ChangePage } from "#provider-kit/provider.ts";

const MOST_FRUITLESS = 100;

/**
 * Reads a change feed to its end, one page ahead of the one that is being applied. The cursor moves with each page, in
 * the transaction of what the page says.
 * @throws ProviderError cursor-lost: the source has to be listed anew
 */
export async function followChanges(
  ask: (since: Cursor) => Promise<ChangePage>,
  from: Cursor,
  apply: (page: ChangePage) => Promise<void>,
): Promise<void> {
  const seen = new Set<Cursor>([from]);
  let fruitless = 0;
  let asked = ask(from);
  for (;;) {
    const page = await asked;
    fruitless = page.changes.length > 0 ? 0 : fruitless + 1;
    if (page.more && (fruitless === MOST_FRUITLESS || seen.has(page.next))) {
      throw new ProviderError("unexpected-reply", "The feed of changes goes in circles");
    }
    seen.add(page.next);
    if (page.more) {
      asked = ask(page.next);
      // Whoever waits for it may have failed before.
      asked.catch(() => {});
    }
    await apply(page);
    if (!page.more) return;
  }
}
