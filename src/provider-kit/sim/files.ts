import type { SimulatedService } from "./service.ts";
import type { SimDrive, SimTree } from "./tree.ts";

/** How odd its pages are, within what the real service does too. Can be changed at any time. */
export interface ListingQuirks {
  /** At most so many entries a page, however many were asked for. */
  pageSize?: number;
  /** Every third page has nothing in it and goes on. */
  emptyPages?: boolean;
  /** Entries come twice, in this page or a later one, where the real service may do that. */
  duplicates?: boolean;
  /** Entries come in another order each time, where the real service promises none. */
  shuffled?: boolean;
}

/**
 * A pretend service that has files. Ids are told as they are: a `RemoteFile.id` is the id of its `SimNode`, a `Drive.id`
 * that of its `SimDrive`.
 */
export interface SimulatedFiles extends SimulatedService {
  readonly tree: SimTree;
  /** The drive that a person who connects finds first. */
  readonly drive: SimDrive;
  readonly quirks: ListingQuirks;
  /** Every change cursor that was given out so far is refused from now on. */
  loseCursors(): void;
  /** Every token of a page of a listing that was given out so far is refused from now on. */
  losePages(): void;
}
