import { X } from "lucide-react";
import { useCallback, useRef, useState } from "react";
import type { FolderChoice } from "../../../lib/contract.ts";
import { shortenPath } from "../../../lib/format.ts";
import { useWorkspace } from "../../../lib/session.ts";
import { IconButton } from "../../../ui/button.tsx";
import { SearchInput } from "../../../ui/input.tsx";
import { type TreePage, TreeView } from "../../../ui/tree-view.tsx";
import { browseFolders } from "../api.ts";

export interface FolderPickerProps {
  connection: string;
  drive: string;
  driveName: string;
  value: FolderChoice[];
  onChange: (folders: FolderChoice[]) => void;
  height?: number | undefined;
}

/** The folders of the source, as they are now, with a box each. What is chosen stands below, by its path. */
export function FolderPicker({ connection, drive, driveName, value, onChange, height = 320 }: FolderPickerProps) {
  const workspace = useWorkspace();
  const [search, setSearch] = useState("");
  // Where every folder seen so far is; chosen ones that are not opened yet are known from the choice itself.
  const seen = useRef(new Map<string, FolderChoice>());
  for (const folder of value) if (!seen.current.has(folder.id)) seen.current.set(folder.id, folder);

  const load = useCallback(
    async (parent: string | undefined, cursor: string | undefined): Promise<TreePage> => {
      const above = parent === undefined ? undefined : seen.current.get(parent);
      const page = await browseFolders(workspace.id, connection, {
        drive,
        folder: parent,
        locator: above?.locator ?? undefined,
        cursor,
      });
      const folders = page.items.filter((item) => item.is_folder);
      for (const { id, locator, name } of folders) {
        seen.current.set(id, { id, locator, path: `${above?.path ?? ""}/${name}` });
      }
      return { items: folders.map(({ id, name }) => ({ id, name })), ...(page.next ? { next: page.next } : {}) };
    },
    [workspace.id, connection, drive],
  );

  return (
    <div className="grid grid-cols-1 gap-2">
      <SearchInput className="w-72" label="Search the folders seen so far" value={search} onChange={setSearch} />
      <TreeView
        label={`Folders of ${driveName}`}
        load={load}
        search={search}
        selected={new Set(value.map((folder) => folder.id))}
        onSelected={(ids, nameOf) =>
          onChange([...ids].map((id) => seen.current.get(id) ?? { id, locator: null, path: `/${nameOf(id) ?? id}` }))
        }
        height={height}
      />
      {value.length === 0 ? (
        <p className="text-xs text-muted">
          Nothing chosen: all of {driveName || "it"} is synced, also folders that are added later.
        </p>
      ) : (
        <ul className="flex flex-wrap gap-1" aria-label="Chosen folders">
          {value.map((folder) => (
            <li
              key={folder.id}
              className="inline-flex max-w-full items-center rounded-sm bg-primary-soft pl-2 text-xs"
              title={folder.path}
            >
              <span className="truncate">{shortenPath(folder.path, 40)}</span>
              <IconButton
                icon={X}
                label={`Take ${folder.path} out`}
                className="size-6"
                onClick={() => onChange(value.filter((one) => one.id !== folder.id))}
              />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
