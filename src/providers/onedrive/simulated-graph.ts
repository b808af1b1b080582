/** What a pretend Graph is made of, and somebody who asks it something. */
import type { ListingQuirks } from "#provider-kit/sim/files.ts";
import type { Access } from "#provider-kit/sim/oauth-server.ts";
import type { Feed } from "./simulated-feed.ts";
import type { MicrosoftState, SimulatedMicrosoft, SimulatedPerson } from "./simulated-microsoft.ts";
import type { Pages } from "./simulated-pages.ts";
import type { PushServer } from "./simulated-push.ts";
import type { Throttle } from "./simulated-throttle.ts";

export interface GraphParts extends SimulatedMicrosoft {
  state: MicrosoftState;
  quirks: ListingQuirks;
  pages: Pages;
  feed: Feed;
  push: PushServer;
  throttle: Throttle;
  /** What addresses of the API begin with, up to and with the version. */
  apiRoot: string;
  /** What addresses of the download host begin with. */
  downloadRoot: string;
}

/** Somebody with a good token. */
export interface Asking {
  access: Access;
  isApp: boolean;
  person: SimulatedPerson | undefined;
  now: Date;
}

export interface Asked {
  request: Request;
  url: URL;
  /** Behind the version, as it stands in the address. */
  path: string;
}

/** How many entries a page has where nobody says. */
export const USUAL_PAGE = 200;

/** The options of an address, as they were written, without the places where a listing goes on. */
export const withoutToken = ({ search }: URL): string =>
  search
    .slice(1)
    .split("&")
    .filter((part) => part !== "" && !/^(?:token|(?:\$|%24)skiptoken)=/i.test(part))
    .join("&");

export function topIn({ searchParams }: URL): number | undefined {
  const top = Number(searchParams.get("$top"));
  return Number.isInteger(top) && top > 0 ? top : undefined;
}
