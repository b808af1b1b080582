/** Where the pages of a pretend Graph's listings go on: what is listed is held, so that nothing comes twice or is left out. */
import { randomText } from "#provider-kit/sim/random.ts";
import type { SimNode } from "#provider-kit/sim/tree.ts";

/** What all held listings together may have; the oldest are forgotten. */
const MOST_HELD = 4_000_000;

export interface Held {
  readonly about: string;
  readonly nodes: readonly SimNode[];
}

export interface PagePlace {
  held: Held;
  id: number;
  offset: number;
  /** Which page of the listing it is, from 0. */
  page: number;
}

export class Pages {
  /** Another one for every process, and every time that all are lost. */
  #epoch = randomText()(6);
  #made = 0;
  #size = 0;
  readonly #held = new Map<number, Held>();

  hold(about: string, nodes: readonly SimNode[]): PagePlace {
    this.#made += 1;
    const held = { about, nodes };
    this.#held.set(this.#made, held);
    this.#size += nodes.length;
    for (const [id, old] of this.#held) {
      if (this.#size <= MOST_HELD || old === held) break;
      this.#size -= old.nodes.length;
      this.#held.delete(id);
    }
    return { held, id: this.#made, offset: 0, page: 0 };
  }

  tokenOf({ id, offset, page }: PagePlace): string {
    return `${this.#epoch}.${id}.${offset}.${page}`;
  }

  /** Nothing for a token that was lost or that is of another listing. */
  read(token: string, about: string): PagePlace | undefined {
    const [epoch, id, offset, page, ...more] = token.split(".");
    const held = this.#held.get(Number(id));
    if (epoch !== this.#epoch || !held || held.about !== about || more.length > 0) return undefined;
    return { held, id: Number(id), offset: Number(offset), page: Number(page) };
  }

  lose(): void {
    this.#epoch = randomText()(6);
    this.#held.clear();
    this.#size = 0;
  }
}

/** The same in an order of its own each time. */
export function shuffled<T>(items: readonly T[]): T[] {
  const all = [...items];
  for (let at = all.length - 1; at > 0; at--) {
    const other = Math.floor(Math.random() * (at + 1));
    [all[at], all[other]] = [all[other] as T, all[at] as T];
  }
  return all;
}

/** Every third page has nothing in it where that is so. */
export const isEmptyPage = (emptyPages: boolean | undefined, page: number): boolean =>
  emptyPages === true && page % 3 === 1;
