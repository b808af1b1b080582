/** The API of the pretend Drive: which of its methods a request means. */
import type { ListingQuirks } from "#provider-kit/sim/files.ts";
import type { Access } from "#provider-kit/sim/oauth-server.ts";
import type { ApiCall } from "#provider-kit/sim/service.ts";
import type { SimNode } from "#provider-kit/sim/tree.ts";
import { answerBatch } from "./simulated-batch.ts";
import { changePage, logOf, startPageToken } from "./simulated-changes.ts";
import { download, exported, exportFormats, typeOfFormat } from "./simulated-download.ts";
import { DriveRefusal, fileNotFound, refusal } from "./simulated-failure.ts";
import { readFields, type Shape, select } from "./simulated-fields.ts";
import { driveNotFound, type Lists, pickPage, readPageSize } from "./simulated-lists.ts";
import type { Logs } from "./simulated-log.ts";
import type { Push } from "./simulated-push.ts";
import { driveShape, fileShape, type Seen, toDrive, toFile, toRevisions, usualFile } from "./simulated-resource.ts";
import { everybody, type World } from "./simulated-world.ts";

export interface DriveParts {
  world: World;
  logs: Logs;
  lists: Lists;
  push: Push;
  quirks: ListingQuirks;
  /** Where the API is reached, without a slash at the end. */
  api: string;
  accessOf(request: Request): Access | undefined;
}

const DAY = 86_400_000;
const MOST_DRIVES = 100;

const user: Shape = {
  kind: "value",
  displayName: "value",
  photoLink: "value",
  me: "value",
  permissionId: "value",
  emailAddress: "value",
};
const aboutShape: Shape = {
  kind: "value",
  user,
  storageQuota: "open",
  exportFormats: "open",
  importFormats: "open",
  maxImportSizes: "open",
  maxUploadSize: "value",
  appInstalled: "value",
  canCreateDrives: "value",
  folderColorPalette: "open",
};
const drivesShape: Shape = { kind: "value", nextPageToken: "value", drives: driveShape };
const revisionShape: Shape = { kind: "value", nextPageToken: "value", revisions: "open" };

export async function answerDrive(parts: DriveParts, { request, path, url, access }: ApiCall): Promise<Response> {
  try {
    // That is refused before anybody asks who it is.
    const alt = url.searchParams.get("alt");
    if (alt !== null && alt !== "json" && alt !== "media") {
      const more = { status: "INVALID_ARGUMENT", location: "alt" };
      throw new DriveRefusal(400, "invalidParameter", `Invalid value "${alt}" for alt.`, more);
    }
    if (path === "/batch/drive/v3" && request.method === "POST") {
      return await answerBatch(request, (inner) => {
        const at = new URL(inner.url);
        if (at.searchParams.get("alt") === "media") {
          return Promise.resolve(refusal(400, "badRequest", "Media is not supported in a batch."));
        }
        const about = { request: inner, url: at, path: at.pathname, now: parts.world.clock.now() };
        return answerDrive(parts, { ...about, access: parts.accessOf(inner) });
      });
    }
    const seen = { ...viewer(request, admit(request, access)), world: parts.world, api: parts.api };
    return await method(parts, request, path, url, seen);
  } catch (error) {
    if (error instanceof DriveRefusal) return error.answer;
    throw error;
  }
}

function admit(request: Request, access: Access | undefined): Access {
  if (!access) {
    if (!request.headers.has("authorization")) {
      const text = "Method doesn't allow unregistered callers (callers without established identity).";
      throw new DriveRefusal(403, "forbidden", text, { status: "PERMISSION_DENIED" });
    }
    throw new DriveRefusal(401, "authError", "Invalid Credentials", {
      location: "Authorization",
      locationType: "header",
      status: "UNAUTHENTICATED",
      message:
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
    });
  }
  if (!access.scopes.some((scope) => scope.startsWith("https://www.googleapis.com/auth/drive"))) {
    const text = "Request had insufficient authentication scopes.";
    throw new DriveRefusal(403, "insufficientPermissions", text, { status: "PERMISSION_DENIED" });
  }
  return access;
}

/** `X-Goog-Drive-Resource-Keys: <id>/<key>,<id>/<key>` */
function viewer(request: Request, { account }: Access) {
  const pairs = (request.headers.get("x-goog-drive-resource-keys") ?? "").split(",");
  const keys = new Map(pairs.map((pair) => pair.trim().split("/") as [string, string]));
  return { account, keys };
}

async function method(parts: DriveParts, request: Request, path: string, url: URL, seen: Seen): Promise<Response> {
  const { lists, logs, push, quirks } = parts;
  const params = url.searchParams;
  const [, , , kind = "", id = "", more = ""] = path.split("/").map(decodeURIComponent);
  const asked = `${request.method} ${kind}${id === "" ? "" : "/*"}${more === "" ? "" : `/${more}`}`;
  if (path === "/feeds/download/documents/export/Export" && request.method === "GET") {
    const node = seeable(params.get("id") ?? "", true, seen);
    return exported(parts.world, node, typeOfFormat(parts.world, node, params.get("exportFormat")), false);
  }
  if (!path.startsWith("/drive/v3/")) return refusal(404, "notFound", "Not Found");
  switch (asked) {
    case "GET about":
      return about(params, seen);
    case "GET drives":
      return drives(params, seen, quirks);
    case "GET drives/*":
      return Response.json(
        select(toDrive(driveOf(id, seen)), readFields(params.get("fields") ?? "kind,id,name", driveShape)),
      );
    case "GET files":
      if (params.get("alt") === "media") throw new DriveRefusal(400, "badRequest", "Media is not supported here.");
      return lists.page(params, seen);
    case "GET files/*": {
      const node = seeable(id, params.get("supportsAllDrives") === "true", seen);
      if (params.get("alt") === "media") return download(parts.world, node, seen, request, url);
      return Response.json(toFile(node, seen, readFields(params.get("fields") ?? usualFile, fileShape)));
    }
    case "GET files/*/export":
      return exported(parts.world, seeable(id, true, seen), params.get("mimeType"), true);
    case "GET files/*/revisions": {
      const revisions = toRevisions(seeable(id, true, seen), seen);
      return Response.json(
        select({ kind: "drive#revisionList", revisions }, readFields(params.get("fields") ?? "*", revisionShape)),
      );
    }
    case "POST files/*/watch": {
      const { id: file } = seeable(id, params.get("supportsAllDrives") === "true", seen);
      const resourceUri = `${parts.api}/drive/v3/files/${file}?alt=json`;
      return push.watch(await read(request), { account: seen.account, about: { file }, resourceUri }, DAY);
    }
    case "GET changes":
      return changePage(logs, params, seen, quirks);
    case "GET changes/*":
      return id === "startPageToken" ? startPageToken(logs, params, seen) : refusal(404, "notFound", "Not Found");
    case "POST changes/*": {
      if (id !== "watch") return refusal(404, "notFound", "Not Found");
      // A token that is none is refused here as well.
      changePage(logs, params, seen, quirks);
      const log = logOf(params, seen);
      const resourceUri = `${parts.api}/drive/v3/changes?alt=json&pageToken=${params.get("pageToken")}`;
      return push.watch(await read(request), { account: seen.account, about: { log }, resourceUri }, 7 * DAY);
    }
    case "POST channels/*":
      return id === "stop" ? push.stop(await read(request), seen.account) : refusal(404, "notFound", "Not Found");
    default:
      return refusal(404, "notFound", "Not Found");
  }
}

/** 404 is also said of what is hidden, and of shared drives to who does not say that he knows of them. */
function seeable(id: string, knowsSharedDrives: boolean, seen: Seen): SimNode {
  const { world } = seen;
  const node = id === "root" ? world.home(seen.account).top : world.tree.get(id);
  if (!node || !world.canSee(node, seen)) throw fileNotFound(id);
  if (world.isShared(node.drive) && !knowsSharedDrives) throw fileNotFound(id);
  return node;
}

function driveOf(id: string, { world, account }: Seen) {
  const drive = world.tree.drives.get(id);
  if (!drive || !world.isMember(drive, account)) throw driveNotFound(id);
  return drive;
}

function about(params: URLSearchParams, { account }: Seen): Response {
  const fields = params.get("fields");
  if (fields === null) {
    throw new DriveRefusal(400, "required", "The 'fields' parameter is required for this method.", {
      location: "fields",
    });
  }
  const person = everybody.find(({ id }) => id === account);
  const whole = {
    kind: "drive#about",
    user: {
      kind: "drive#user",
      displayName: person?.name,
      me: true,
      permissionId: account,
      emailAddress: person?.label,
    },
    storageQuota: { limit: "16106127360", usage: "4718592000", usageInDrive: "4000000000", usageInDriveTrash: "1200" },
    maxUploadSize: "5242880000000",
    canCreateDrives: true,
    exportFormats: Object.fromEntries(
      Object.entries(exportFormats).map(([type, formats]) => [type, Object.keys(formats)]),
    ),
  };
  return Response.json(select(whole, readFields(fields, aboutShape)));
}

function drives(params: URLSearchParams, { world, account }: Seen, quirks: ListingQuirks): Response {
  const wanted = readFields(params.get("fields") ?? "kind,nextPageToken,drives(kind,id,name)", drivesShape);
  const size = readPageSize(params, 10, MOST_DRIVES, quirks);
  const all = [...world.tree.drives.values()].filter((drive) => world.isMember(drive, account));
  const token = params.get("pageToken");
  const from = token === null ? 0 : Number(/^~!!~d(\d+)$/.exec(token)?.[1] ?? Number.NaN);
  if (Number.isNaN(from)) throw new DriveRefusal(400, "invalid", "Invalid Value", { location: "pageToken" });
  const page = all.slice(from, from + size);
  const more = from + size < all.length;
  const wantedOfDrive = wanted.get("drives") ?? "whole";
  const list = page.map((drive) => select(toDrive(drive), wantedOfDrive));
  const rest = { kind: "drive#driveList", ...(more && { nextPageToken: `~!!~d${from + size}` }) };
  return Response.json(pickPage(rest, "drives", list, wanted));
}

async function read(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch {
    throw new DriveRefusal(400, "parseError", "Parse Error");
  }
}
