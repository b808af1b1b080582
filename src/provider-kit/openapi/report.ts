const MOST_ENTRIES = 500;

export interface ReportEntry {
  /** Such as `POST /files`, or the name of a part of the document. */
  where: string;
  why: string;
}

/** What became of a document. Lists hold at most 500 entries; the counts are of all. */
export interface ImportReport {
  title: string;
  /** As the document says: `3.1.0`. */
  openapi: string;
  actions: number;
  leftOut: { count: number; entries: ReportEntry[] };
  /** What was imported differently from what is written. */
  notes: { count: number; entries: ReportEntry[] };
}

/** Collects while a document is gone through. The same note about the same place is kept once. */
export class Reporter {
  readonly leftOut = { count: 0, entries: [] as ReportEntry[] };
  readonly notes = { count: 0, entries: [] as ReportEntry[] };
  readonly #seen = new Set<string>();

  leaveOut(where: string, why: string): void {
    this.#add(this.leftOut, where, why);
  }

  note(where: string, why: string): void {
    const seen = `${where}\n${why}`;
    if (this.#seen.has(seen)) return;
    if (this.#seen.size < 10_000) this.#seen.add(seen);
    this.#add(this.notes, where, why);
  }

  #add(list: { count: number; entries: ReportEntry[] }, where: string, why: string): void {
    list.count++;
    if (list.entries.length < MOST_ENTRIES) list.entries.push({ where: where.slice(0, 200), why: why.slice(0, 300) });
  }
}
