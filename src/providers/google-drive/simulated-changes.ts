/** `changes` of the pretend Drive. */
import type { ListingQuirks } from "#provider-kit/sim/files.ts";
import type { SimNode } from "#provider-kit/sim/tree.ts";
import { DriveRefusal } from "./simulated-failure.ts";
import { readFields, type Selection, type Shape, select } from "./simulated-fields.ts";
import { driveNotFound, pickPage, readPageSize, shuffled } from "./simulated-lists.ts";
import type { Entry, Logs } from "./simulated-log.ts";
import { driveShape, fileShape, type Seen, toDrive, toFile, usualFile } from "./simulated-resource.ts";

const change: Shape = {
  kind: "value",
  type: "value",
  changeType: "value",
  time: "value",
  removed: "value",
  fileId: "value",
  file: fileShape,
  driveId: "value",
  teamDriveId: "value",
  drive: driveShape,
};
const shape: Shape = { kind: "value", nextPageToken: "value", newStartPageToken: "value", changes: change };
const usual = `kind,nextPageToken,newStartPageToken,changes(kind,changeType,type,time,removed,fileId,driveId,drive(kind,id,name),file(${usualFile}))`;
const startShape: Shape = { kind: "value", startPageToken: "value" };

const USUAL_PAGE = 100;
const MOST_A_PAGE = 1000;

export function startPageToken(logs: Logs, params: URLSearchParams, seen: Seen): Response {
  const start = { kind: "drive#startPageToken", startPageToken: logs.startToken(logOf(params, seen)) };
  return Response.json(select(start, readFields(params.get("fields") ?? "*", startShape)));
}

export function changePage(logs: Logs, params: URLSearchParams, seen: Seen, quirks: ListingQuirks): Response {
  const wanted = readFields(params.get("fields") ?? usual, shape);
  const wantedOfChange = wanted.get("changes");
  const size = readPageSize(params, USUAL_PAGE, MOST_A_PAGE, quirks);
  const token = params.get("pageToken");
  if (token === null) {
    throw new DriveRefusal(400, "required", "Required parameter: pageToken", { location: "pageToken" });
  }
  const log = logOf(params, seen);
  const [place = "", step = "0"] = token.split("/");
  const isEmpty = quirks.emptyPages === true && Number(step) % 3 === 2;
  // Without shared drives, the log of an account tells of them only that something has gone there.
  const scope = params.has("driveId") || acrossDrives(params) ? "all" : "own";
  const page = logs.read(log, place, isEmpty ? 0 : size, scope, (entry) => isShown(entry, params, seen));
  const entries = quirks.shuffled ? shuffled(page.entries, page.entries.length) : page.entries;
  const all = quirks.duplicates ? entries.flatMap((entry, at) => (at % 3 === 0 ? [entry, entry] : [entry])) : entries;
  const more = page.more || isEmpty;
  const next = quirks.emptyPages && more ? `${page.token}/${Number(step) + 1}` : page.token;
  const changes = wantedOfChange ? all.map((entry) => toChange(entry, wantedOfChange, params, seen)) : [];
  const about = { kind: "drive#changeList", [more ? "nextPageToken" : "newStartPageToken"]: next };
  return Response.json(pickPage(about, "changes", changes, wanted));
}

/** Which log a request is about: that of the account, or that of a shared drive. Their tokens are different ones. */
export function logOf(params: URLSearchParams, { world, account }: Seen): string {
  const id = params.get("driveId");
  if (id === null) return account;
  const drive = world.tree.drives.get(id);
  if (!drive || !world.isMember(drive, account)) throw driveNotFound(id);
  if (params.get("supportsAllDrives") !== "true") {
    const text = "The driveId parameter requires supportsAllDrives.";
    throw new DriveRefusal(400, "invalid", text, { location: "supportsAllDrives" });
  }
  return id;
}

const isNode = (subject: Entry["subject"]): subject is SimNode => "drive" in subject;

function acrossDrives(params: URLSearchParams): boolean {
  return params.get("includeItemsFromAllDrives") === "true" && params.get("supportsAllDrives") === "true";
}

function isShown(entry: Entry, params: URLSearchParams, seen: Seen): boolean {
  if (!isNode(entry.subject)) return acrossDrives(params);
  return params.get("includeRemoved") !== "false" || !isRemoved(entry, params, seen);
}

/** For good, for this account, or out of what is followed: that cannot be told apart. */
function isRemoved({ subject }: Entry, params: URLSearchParams, seen: Seen): boolean {
  const { world } = seen;
  if (!isNode(subject)) return !world.isMember(subject, seen.account);
  if (subject.deleted || world.tree.get(subject.id) !== subject) return true;
  if (!world.canSee(subject, seen) && !world.sharedWith(subject, seen.account)) return true;
  const id = params.get("driveId");
  if (id !== null) return subject.drive.id !== id;
  return world.isShared(subject.drive) && !acrossDrives(params);
}

function toChange(entry: Entry, wanted: Selection | "whole", params: URLSearchParams, seen: Seen): unknown {
  const { subject, at } = entry;
  const removed = isRemoved(entry, params, seen);
  const time = new Date(at).toISOString();
  if (!isNode(subject)) {
    const about = { kind: "drive#change", changeType: "drive", type: "drive", time, removed, driveId: subject.id };
    return select({ ...about, ...(!removed && { drive: toDrive(subject) }) }, wanted);
  }
  const about = { kind: "drive#change", changeType: "file", type: "file", time, removed, fileId: subject.id };
  const leftOnly =
    removed && params.get("includeCorpusRemovals") === "true" && !subject.deleted && seen.world.canSee(subject, seen);
  const selected = select(about, wanted) as Record<string, unknown>;
  const wantedOfFile = wanted === "whole" ? "whole" : wanted.get("file");
  if (wantedOfFile && (!removed || leftOnly)) selected.file = toFile(subject, seen, wantedOfFile);
  return selected;
}
