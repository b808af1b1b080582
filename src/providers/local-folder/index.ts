import type { Provider } from "#provider-kit/provider.ts";
import { type Config, configFor } from "./config.ts";
import { toFailure } from "./failure.ts";
import { filesBelow } from "./files.ts";
import { openTop, type Roots } from "./top.ts";

/** Files on disks of the machine that Hawser runs on, below the roots its operator names (name → absolute path). */
export function localFolder({ roots }: { roots: Roots }): Provider<Config> {
  return {
    key: "local-folder",
    name: "Local folder",
    description: "Keeps documents in step that lie on a disk or network share of this machine.",
    category: "files",
    glyph: { letters: "LF", hue: "slate" },
    config: configFor(roots),
    auth: () => [{ type: "none" }],

    async check(call) {
      const top = await openTop(roots, call);
      try {
        // Being able to open a folder does not mean being able to read it.
        for await (const _ of top.folder.names()) break;
        return { id: top.id, label: top.label };
      } catch (error) {
        throw toFailure(error, top.label);
      } finally {
        await top.folder.close();
      }
    },

    files: filesBelow(roots),
  };
}
