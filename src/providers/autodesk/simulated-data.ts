/** `/project/v1` and `/data/v1`: hubs, projects, folders, items and versions. */
import type { ListingQuirks } from "#provider-kit/sim/files.ts";
import type { ApiCall } from "#provider-kit/sim/service.ts";
import type { SimNode } from "#provider-kit/sim/tree.ts";
import { Documents } from "./simulated-documents.ts";
import { readVersionUrn } from "./simulated-ids.ts";
import { badInput, document, noPermission, notFound } from "./simulated-refusals.ts";
import type { AutodeskState } from "./simulated-state.ts";
import type { AutodeskTree, SimHub, SimProject, SimVersion } from "./simulated-tree.ts";

const MOST = 200;
/** A search tells no more pages than these. */
const SEARCH_PAGES = 50;

/** Who asks: a person, an app, or an app for a person. */
type Viewer = string | "everything";

export class SimulatedData {
  readonly #tree: AutodeskTree;
  readonly #state: AutodeskState;
  readonly #hubs: readonly SimHub[];
  readonly #quirks: ListingQuirks;
  readonly #base: string;
  readonly #documents: Documents;
  #listings = 0;

  constructor(about: {
    tree: AutodeskTree;
    state: AutodeskState;
    hubs: readonly SimHub[];
    quirks: ListingQuirks;
    base: string;
  }) {
    this.#tree = about.tree;
    this.#state = about.state;
    this.#hubs = about.hubs;
    this.#quirks = about.quirks;
    this.#base = about.base;
    this.#documents = new Documents(about.tree, about.base);
  }

  async answer(call: ApiCall, segments: readonly string[]): Promise<Response> {
    const [service, , ...rest] = segments;
    const viewer = this.#viewerOf(call);
    if (service === "project") return this.#aboutHubs(call, rest, viewer);
    const [, id = "", kind, ...more] = rest;
    const project = this.#projectOf(id);
    if (!project) return notFound();
    if (!project.active) return inactive(project);
    const settling = this.#state.settling.get(project.id) ?? 0;
    if (settling > 0) {
      this.#state.settling.set(project.id, settling - 1);
      return document(400, "BIM360DM_ERROR", "Bad Request", "The project is being set up.");
    }
    if (kind === "folders") return this.#aboutFolder(call, project, more, viewer);
    if (kind === "items") return this.#aboutItem(call, project, more, viewer);
    if (kind === "versions") return this.#aboutVersion(call, project, more, viewer);
    if (kind === "commands" && call.request.method === "POST") return this.#command(call, project, viewer);
    return notFound();
  }

  #viewerOf({ access, request }: ApiCall): Viewer {
    if (access && access.account !== "app") return access.account;
    return request.headers.get("x-user-id") ?? "everything";
  }

  #projectOf(id: string): SimProject | undefined {
    return this.#tree.projects.get(id);
  }

  /** Whether somebody may see a node: nothing that is closed to all, and of those with grants only what lies in these. */
  #sees(viewer: Viewer, node: SimNode): boolean {
    const grants = this.#state.grants.get(viewer);
    let granted = grants === undefined;
    for (let at: SimNode | undefined = node; at; at = at.parent) {
      if (this.#state.closed.has(at.id)) return false;
      granted ||= grants?.has(at.id) ?? false;
    }
    return granted;
  }

  // ── hubs and projects ────────────────────────────────────────────────────────────────────────────────────────

  #aboutHubs(call: ApiCall, [, hubId, kind, projectId, what]: readonly string[], viewer: Viewer): Response {
    const mine = this.#state.provisioned ? this.#hubs : [];
    const warnings = regionsWithout.map((region) => warning(region));
    if (hubId === undefined) {
      return reply({
        links: { self: { href: `${this.#base}/project/v1/hubs` } },
        data: mine.map((hub) => this.#hub(hub)),
        meta: { warnings },
      });
    }
    const hub = mine.find(({ id }) => id === hubId);
    if (!hub) return document(403, "BIM360DM_ERROR", "Forbidden", "You don't have permission to access this API");
    if (kind === undefined) return reply({ data: this.#hub(hub) });
    if (kind !== "projects") return notFound();
    const all = [...this.#tree.projects.values()].filter((one) => one.hub === hub);
    if (projectId === undefined) {
      const active = all.filter((one) => one.active && this.#hasAny(viewer, one));
      return this.#page(
        call,
        active.map((one) => () => this.#project(one)),
        () => [],
      );
    }
    const project = all.find(({ id }) => id === projectId);
    if (!project) return notFound();
    if (!project.active) return inactive(project);
    if (what === undefined) return reply({ data: this.#project(project) });
    if (what === "hub") return reply({ data: this.#hub(hub) });
    if (what !== "topFolders") return notFound();
    return this.#topFolders(call, project, viewer);
  }

  #hasAny(viewer: Viewer, project: SimProject): boolean {
    const grants = this.#state.grants.get(viewer);
    return !grants || [...grants].some((id) => this.#tree.get(id)?.drive === project.drive);
  }

  #topFolders({ url }: ApiCall, project: SimProject, viewer: Viewer): Response {
    const withDeleted = url.searchParams.get("excludeDeleted") !== "true";
    const grants = this.#state.grants.get(viewer);
    const top = project.drive.top;
    const shown = grants
      ? [...grants]
          .flatMap((id) => this.#tree.get(id) ?? [])
          .filter((node) => node.drive === project.drive && !this.#tree.isTrashed(node))
          .filter((node, _, all) => !all.some((other) => this.#tree.isBelow(node, other)))
      : [...(top.children ?? [])];
    const nodes = shown.filter((node) => (withDeleted || !node.trashed) && !this.#state.closed.has(node.id));
    // There are never items here in reality. What tests put there is told in the way of folder contents.
    const items = nodes.filter(({ isFolder }) => !isFolder);
    return reply({
      links: { self: { href: `${this.#base}${topFoldersPath(project)}` } },
      data: nodes.map((node) =>
        node.isFolder
          ? this.#documents.folder(project, node, hiddenAbove(node, top))
          : this.#documents.item(project, node),
      ),
      ...(items.length > 0 && { included: items.map((node) => this.#tip(project, node)) }),
    });
  }

  #tip(project: SimProject, node: SimNode): object {
    return this.#documents.version(project, node, this.#tree.tipOf(node));
  }

  #hub({ id, name, region }: SimHub): object {
    const href = `${this.#base}/project/v1/hubs/${id}`;
    return {
      type: "hubs",
      id,
      attributes: {
        name,
        extension: { type: "hubs:autodesk.bim360:Account", version: "1.0", data: {} },
        region,
      },
      links: { self: { href } },
      relationships: { projects: { links: { related: { href: `${href}/projects` } } } },
    };
  }

  #project(project: SimProject): object {
    const { id, hub, drive, type } = project;
    const root = `${this.#base}/data/v1/projects/${id}/folders/${drive.top.id}`;
    return {
      type: "projects",
      id,
      attributes: {
        name: drive.name,
        scopes: [`b360project.${id.slice(2)}`, "O2tenant.12345"],
        extension: { type: "projects:autodesk.bim360:Project", version: "1.0", data: { projectType: type } },
      },
      links: { self: { href: `${this.#base}/project/v1/hubs/${hub.id}/projects/${id}` } },
      relationships: {
        hub: { data: { type: "hubs", id: hub.id } },
        rootFolder: { data: { type: "folders", id: drive.top.id }, meta: { link: { href: root } } },
        topFolders: { links: { related: { href: `${this.#base}${topFoldersPath(project)}` } } },
      },
    };
  }

  // ── folders ──────────────────────────────────────────────────────────────────────────────────────────────────

  #aboutFolder(call: ApiCall, project: SimProject, [id = "", what]: readonly string[], viewer: Viewer): Response {
    const node = this.#tree.get(id);
    if (!node?.isFolder || node.drive !== project.drive) return notFound();
    // Asked for by its id, what somebody may not see is not there.
    if (!this.#sees(viewer, node)) return what === undefined ? notFound() : noPermission();
    switch (what) {
      case undefined:
        return this.#folder(call, project, node);
      case "contents":
        return this.#contents(call, project, node, viewer);
      case "parent":
        return node.parent ? reply({ data: this.#documents.folder(project, node.parent) }) : notFound();
      case "search":
        return this.#search(call, project, node, viewer);
      case "refs":
        return reply({ data: [] });
      default:
        return notFound();
    }
  }

  #folder({ request }: ApiCall, project: SimProject, node: SimNode): Response {
    const rollup = this.#tree.rollupOf(node);
    const since = request.headers.get("if-modified-since");
    if (since !== null && Date.parse(since) >= Date.parse(rollup)) {
      return new Response(null, { status: 304, headers: { "last-modified": rollup } });
    }
    return reply({ data: this.#documents.folder(project, node) });
  }

  #contents(call: ApiCall, project: SimProject, folder: SimNode, viewer: Viewer): Response {
    if (this.#tree.isTrashed(folder)) return notFound();
    const { searchParams: query } = call.url;
    const withHidden = query.get("includeHidden") === "true";
    const types = query.get("filter[type]")?.split(",");
    const ids = query.get("filter[id]")?.split(",");
    const since = query.get("filter[lastModifiedTimeRollup]-ge");
    const closed = this.#state.closed.size > 0;
    const shown: SimNode[] = [];
    for (const node of folder.children ?? []) {
      if (node.trashed && !withHidden) continue;
      if (closed && this.#state.closed.has(node.id)) continue;
      if (types && !types.includes(node.isFolder ? "folders" : "items")) continue;
      if (ids && !ids.includes(node.id)) continue;
      if (since !== null && node.isFolder && Date.parse(this.#tree.rollupOf(node)) < Date.parse(since)) continue;
      shown.push(node);
    }
    if (!this.#sees(viewer, folder)) return noPermission();
    return this.#page(
      call,
      shown.map(
        (node) => () => (node.isFolder ? this.#documents.folder(project, node) : this.#documents.item(project, node)),
      ),
      (from, to) => shown.slice(from, to).flatMap((node) => (node.isFolder ? [] : [this.#tip(project, node)])),
    );
  }

  /** One page of a list, with a link to the next one, which is whole or not, by turns. */
  #page(call: ApiCall, entries: readonly (() => object)[], included: (from: number, to: number) => object[]): Response {
    const { url, path } = call;
    const number = countIn(url.searchParams.get("page[number]"), 0);
    const asked = countIn(url.searchParams.get("page[limit]"), MOST);
    if (number === undefined || asked === undefined || asked < 1 || asked > MOST) {
      return badInput("page[number] begins at 0, and page[limit] is from 1 to 200.");
    }
    const limit = Math.min(asked, this.#quirks.pageSize ?? MOST);
    this.#listings += 1;
    // Every third page is an empty one, and takes the place of none.
    const isEmpty = this.#quirks.emptyPages === true && number % 3 === 1;
    const place = this.#quirks.emptyPages ? number - Math.floor((number + 1) / 3) : number;
    const from = place * limit;
    const to = isEmpty ? from : Math.min(from + limit, entries.length);
    let data = entries.slice(from, to).map((make) => make());
    if (this.#quirks.duplicates) data = data.flatMap((one, n) => (n % 3 === 0 ? [one, one] : [one]));
    if (this.#quirks.shuffled) data = data.toSorted(() => (this.#listings % 2 === 0 ? -1 : 1)).toReversed();
    const more = isEmpty ? from < entries.length : to < entries.length;
    const tips = included(from, to);
    return reply({
      links: {
        self: { href: this.#link(path, url, number, limit, true) },
        first: { href: this.#link(path, url, 0, limit, true) },
        ...(more && { next: this.#next(this.#link(path, url, number + 1, limit, number % 2 === 0)) }),
      },
      data,
      ...(tips.length > 0 && { included: tips }),
    });
  }

  #link(path: string, { searchParams }: URL, number: number, limit: number, whole: boolean): string {
    const query = new URLSearchParams(searchParams);
    query.set("page[number]", String(number));
    query.set("page[limit]", String(limit));
    return `${whole ? this.#base : ""}${path}?${query}`;
  }

  #next(href: string): unknown {
    return this.#state.plainLinks ? href : { href };
  }

  // ── search ───────────────────────────────────────────────────────────────────────────────────────────────────

  #search(call: ApiCall, project: SimProject, folder: SimNode, viewer: Viewer): Response {
    const { searchParams: query } = call.url;
    if (this.#state.search.needsUser && viewer === "everything") {
      return document(403, "USER_NOT_AUTHENTICATED", "Forbidden", "The user could not be authenticated.");
    }
    const number = countIn(query.get("page[number]"), 0);
    if (number === undefined || number >= SEARCH_PAGES) return badInput("There are no such pages.");
    const indexedUntil = call.now.getTime() - this.#state.search.delayMs;
    const found: SimNode[] = [];
    for (const node of this.#tree.nodes.values()) {
      if (node.isFolder || node.drive !== project.drive || !this.#tree.isBelow(node, folder)) continue;
      if (node.modifiedAt > indexedUntil || this.#tree.isTrashed(node) || !this.#sees(viewer, node)) continue;
      if (fits(node, query)) found.push(node);
    }
    const page = found.slice(number * MOST, (number + 1) * MOST);
    const next = { href: this.#link(call.path, call.url, number + 1, MOST, true) };
    return reply({
      links: { ...((number + 1) * MOST < found.length && { next }) },
      data: page.map((node) => this.#documents.version(project, node, this.#tree.tipOf(node), "search")),
      included: page.map((node) => this.#documents.item(project, node, { form: "search" })),
    });
  }

  // ── items and versions ───────────────────────────────────────────────────────────────────────────────────────

  #itemOf(project: SimProject, id: string, viewer: Viewer): SimNode | Response {
    const node = this.#tree.get(id);
    if (!node || node.isFolder || node.drive !== project.drive) return notFound();
    return this.#sees(viewer, node) ? node : notFound();
  }

  #aboutItem(call: ApiCall, project: SimProject, [id = "", what]: readonly string[], viewer: Viewer): Response {
    const node = this.#itemOf(project, id, viewer);
    if (node instanceof Response) return node;
    switch (what) {
      case undefined: {
        const withPath = call.url.searchParams.get("includePathInProject") === "true";
        const pathInProject = this.#tree.pathOf(node.parent ?? node);
        return reply({
          data: this.#documents.item(project, node, withPath ? { pathInProject } : {}),
          included: [this.#tip(project, node)],
        });
      }
      case "tip":
        return reply({ data: this.#tip(project, node) });
      case "parent":
        return node.parent ? reply({ data: this.#documents.folder(project, node.parent) }) : notFound();
      case "versions": {
        const numbers = call.url.searchParams.get("filter[versionNumber]")?.split(",").map(Number);
        const versions = this.#tree.versionsOf(node).filter(({ number }) => numbers?.includes(number) ?? true);
        return this.#page(
          call,
          versions.map((one) => () => this.#documents.version(project, node, one)),
          () => [],
        );
      }
      case "refs":
        return reply({ data: [] });
      default:
        return notFound();
    }
  }

  #aboutVersion(_: ApiCall, project: SimProject, [id = "", what]: readonly string[], viewer: Viewer): Response {
    const named = readVersionUrn(id);
    if (!named) return notFound();
    const node = this.#itemOf(project, named.lineage, viewer);
    if (node instanceof Response) return node;
    const version = this.#tree.versionsOf(node).find((one: SimVersion) => one.number === named.number);
    if (!version) return notFound();
    if (what === undefined) return reply({ data: this.#documents.version(project, node, version) });
    if (what === "item")
      return reply({ data: this.#documents.item(project, node), included: [this.#tip(project, node)] });
    if (what === "downloadFormats") {
      return reply({ data: { type: "downloadFormats", id, attributes: { formats: [] } } });
    }
    return what === "refs" ? reply({ data: [] }) : notFound();
  }

  /** ListItems: up to fifty items with their tips. */
  async #command({ request }: ApiCall, project: SimProject, viewer: Viewer): Promise<Response> {
    if (!request.headers.get("content-type")?.startsWith("application/vnd.api+json")) {
      return document(415, "UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type", "Send application/vnd.api+json.");
    }
    const asked = await readCommand(request);
    if (asked?.type !== "commands:autodesk.core:ListItems") return badInput("The command is not known.");
    if (asked.items.length === 0 || asked.items.length > 50) return badInput("From 1 to 50 items can be listed.");
    const nodes = asked.items.flatMap((id) => {
      const node = this.#itemOf(project, id, viewer);
      return node instanceof Response ? [] : [node];
    });
    return reply({
      data: { ...asked.command, id: "c1f0a6d2-0f5f-4d2d-9d4e-0c8e4e2f7a10" },
      included: nodes.flatMap((node) => [this.#documents.item(project, node), this.#tip(project, node)]),
    });
  }
}

const reply = (body: object, status = 200): Response =>
  new Response(JSON.stringify({ jsonapi: { version: "1.0" }, ...body }), {
    status,
    headers: { "content-type": "application/vnd.api+json" },
  });

const topFoldersPath = ({ hub, id }: SimProject): string => `/project/v1/hubs/${hub.id}/projects/${id}/topFolders`;

const inactive = (project: SimProject): Response =>
  document(403, "BIM360DM_ERROR", "Forbidden", `Project is not active: ${project.id.slice(2)}`);

/** The folders between the root and one that is shown at the top, nearest first; nothing for one that lies there. */
function hiddenAbove(node: SimNode, root: SimNode): SimNode[] | undefined {
  const above: SimNode[] = [];
  for (let at = node.parent; at && at !== root; at = at.parent) above.unshift(at);
  return above.length > 0 ? above : undefined;
}

function countIn(text: string | null, otherwise: number): number | undefined {
  if (text === null) return otherwise;
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function fits(node: SimNode, query: URLSearchParams): boolean {
  const types = query.get("filter[fileType]")?.split(",");
  const since = query.get("filter[lastModifiedTime]-ge");
  const made = query.get("filter[createTime]-ge");
  const name = query.get("filter[name]-contains");
  if (types && !types.some((type) => node.name.toLowerCase().endsWith(`.${type}`))) return false;
  if (since !== null && node.modifiedAt < Date.parse(since)) return false;
  if (made !== null && node.createdAt < Date.parse(made)) return false;
  return name === null || node.name.includes(name);
}

async function readCommand(
  request: Request,
): Promise<{ type: unknown; items: string[]; command: Record<string, unknown> } | undefined> {
  try {
    const { data } = await request.json();
    const items = data.relationships.resources.data.map(({ id }: { id: unknown }) => String(id));
    return { type: data.attributes.extension.type, items, command: data };
  } catch {
    return undefined;
  }
}

/** Usual also with healthy accounts, for regions where the customer has none. */
const regionsWithout = ["AUS"];
const warning = (region: string) => ({
  Id: null,
  HttpStatusCode: "403",
  ErrorCode: "BIM360DM_ERROR",
  Title: `Unable to get hubs from BIM360DM ${region}.`,
  Detail: "You don't have permission to access this API",
  AboutLink: null,
  Source: [],
  meta: [],
});
