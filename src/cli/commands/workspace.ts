import { listWorkspaces } from "#domain/workspaces/every-workspace.ts";
import { minuteOf, type OutputOptions, print, table } from "../output.ts";
import { withRooms } from "../rooms.ts";

export const list = (options: OutputOptions): Promise<void> =>
  withRooms(async ({ rooms: { database } }) => {
    const found = await listWorkspaces({ db: database });
    const items = found.map(({ id, slug, name, createdAt }) => ({
      id,
      slug,
      name,
      created_at: createdAt.toISOString(),
    }));
    print(options, { items }, () =>
      found.length === 0
        ? ["There is no workspace yet. Sign up in the portal, which makes one."]
        : table(
            ["SLUG", "NAME", "SINCE"],
            found.map(({ slug, name, createdAt }) => [slug, name, minuteOf(createdAt)]),
          ),
    );
  });
