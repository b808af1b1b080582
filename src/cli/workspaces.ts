import type { WorkspaceId } from "#core/ids.ts";
import type { Page } from "#core/page.ts";
import type { Database } from "#db/database.ts";
import { listWorkspaces } from "#domain/workspaces/every-workspace.ts";
import { CommandFailed, WrongUsage } from "./outcome.ts";

export interface NamedWorkspace {
  id: WorkspaceId;
  name: string;
  slug: string;
}

/** The one that is named, or the only one there is. @throws WrongUsage, CommandFailed */
export async function chooseWorkspace(database: Database, slug: string | undefined): Promise<NamedWorkspace> {
  const [first, ...others] = await chooseWorkspaces(database, slug);
  if (!first) throw new CommandFailed("There is no workspace yet. Sign up in the portal, which makes one.");
  if (others.length === 0) return first;
  const slugs = [first, ...others].map((workspace) => workspace.slug);
  const shown = slugs.length > 10 ? `${slugs.slice(0, 10).join(", ")} …` : slugs.join(", ");
  throw new WrongUsage(`Name the workspace with --workspace: ${shown}`);
}

/** The one that is named, or all. @throws CommandFailed when there is none of this name */
export async function chooseWorkspaces(database: Database, slug: string | undefined): Promise<NamedWorkspace[]> {
  const all = await listWorkspaces({ db: database });
  if (slug === undefined) return all;
  const found = all.find((workspace) => workspace.slug === slug || workspace.id === slug);
  if (found) return [found];
  throw new CommandFailed(`There is no workspace "${slug}". "hawser workspace list" shows them.`);
}

/** All items of all pages. */
export async function* everyPage<T>(
  ask: (page: { limit: number; cursor?: string }) => Promise<Page<T>>,
): AsyncGenerator<T> {
  let cursor: string | undefined;
  do {
    const page: Page<T> = await ask({ limit: 100, ...(cursor !== undefined && { cursor }) });
    yield* page.items;
    cursor = page.next;
  } while (cursor !== undefined);
}
