import { X } from "lucide-react";
import { type ReactNode, useCallback, useRef, useState } from "react";
import type { FolderChoice } from "../../../lib/contract.ts";
import { formatAmount, formatCount, shortenPath } from "../../../lib/format.ts";
import { useWorkspace } from "../../../lib/session.ts";
import { useDebounced } from "../../../lib/use-debounced.ts";
import { Button, IconButton } from "../../../ui/button.tsx";
import { SearchInput } from "../../../ui/input.tsx";
import { type TreePage, TreeView } from "../../../ui/tree-view.tsx";
import { browseFolders, findFolders } from "../api.ts";
import { below } from "./folder-path.ts";
import { SourceFailure } from "./source-failure.tsx";

export interface FolderPickerProps {
  connection: string;
  drive: string;
  driveName: string;
  /** The source finds folders by name, wherever they are. */
  findsFolders: boolean;
  value: FolderChoice[];
  onChange: (folders: FolderChoice[]) => void;
  height?: number | undefined;
}

/** Files that lie directly in a folder, as far as its pages were fetched. */
interface FilesIn {
  total: number;
  exported: number;
  unreadable: number;
}

/** The folders of the source, as they are now, with a box each. What is chosen stands below, by its path. */
export function FolderPicker(props: FolderPickerProps) {
  const { connection, drive, driveName, findsFolders, value, onChange, height = 298 } = props;
  const workspace = useWorkspace();
  const [search, setSearch] = useState("");
  const wanted = useDebounced(search.trim(), 300);
  const searched = findsFolders && wanted !== "";
  // Where every folder seen so far is; chosen ones that are not opened yet are known from the choice itself.
  const seen = useRef(new Map<string, FolderChoice>());
  for (const folder of value) if (!seen.current.has(folder.id)) seen.current.set(folder.id, folder);
  const above = useRef(new Map<string, readonly string[]>());
  const [filesIn, setFilesIn] = useState<ReadonlyMap<string, FilesIn>>(new Map());

  const open = useCallback(
    async (parent: string | undefined, cursor: string | undefined): Promise<TreePage> => {
      const folder = parent === undefined ? undefined : seen.current.get(parent);
      const page = await browseFolders(workspace.id, connection, {
        drive,
        folder: parent,
        locator: folder?.locator ?? undefined,
        cursor,
      });
      for (const { id, locator, name } of page.items) {
        seen.current.set(id, { id, locator, path: below(folder?.path ?? "", name) });
      }
      setFilesIn((all) => new Map(all).set(parent ?? "", add(cursor ? all.get(parent ?? "") : undefined, page.files)));
      return { items: page.items.map(({ id, name }) => ({ id, name })), ...(page.next && { next: page.next }) };
    },
    [workspace.id, connection, drive],
  );
  const find = useCallback(
    async (parent: string | undefined, cursor: string | undefined): Promise<TreePage> => {
      if (parent !== undefined) return open(parent, cursor);
      const page = await findFolders(workspace.id, connection, { drive, text: wanted, cursor });
      const items = page.items.map(({ id, locator, name, above: way }) => {
        const place = (way ?? []).reduce((path, one) => below(path, one.name), "");
        seen.current.set(id, { id, locator, path: below(place, name) });
        if (way)
          above.current.set(
            id,
            way.map((one) => one.id),
          );
        return {
          id,
          name,
          place: way === null ? "somewhere that is not shared with this account" : shortenPath(`${place}/`, 48),
        };
      });
      return { items, ...(page.next && { next: page.next }) };
    },
    [open, workspace.id, connection, drive, wanted],
  );

  return (
    <div className="grid grid-cols-1 gap-2">
      <SearchInput
        className="w-72"
        label={findsFolders ? "Search all folders" : "Search the folders seen so far"}
        value={search}
        onChange={setSearch}
      />
      <TreeView
        label={searched ? `Folders called “${wanted}”` : `Folders of ${driveName}`}
        load={searched ? find : open}
        search={findsFolders ? "" : search}
        rootName={searched ? `“${wanted}” in ${driveName || "all folders"}` : driveName || "All folders"}
        empty={searched ? "No folder is called that" : undefined}
        ancestors={above.current}
        selected={new Set(value.map((folder) => folder.id))}
        onSelected={(ids, nameOf) =>
          onChange(
            [...ids].map((id) => seen.current.get(id) ?? { id, locator: null, path: below("", nameOf(id) ?? id) }),
          )
        }
        noteOf={(id) => filesNote(filesIn.get(id))}
        failed={(error, retry) => (
          <SourceFailure connection={connection} what="The folders could not be listed" error={error} onRetry={retry} />
        )}
        height={height}
      />
      <Chosen driveName={driveName} value={value} onChange={onChange} />
    </div>
  );
}

const add = (before: FilesIn | undefined, files: FilesIn): FilesIn => ({
  total: (before?.total ?? 0) + files.total,
  exported: (before?.exported ?? 0) + files.exported,
  unreadable: (before?.unreadable ?? 0) + files.unreadable,
});

/** "18 files, 12 exported, 1 without contents"; nothing for a folder that was not opened. */
function filesNote(files: FilesIn | undefined): ReactNode {
  if (!files) return undefined;
  return [
    files.total === 0 ? "no files of its own" : formatAmount(files.total, "file"),
    files.exported > 0 && `${formatCount(files.exported)} exported`,
    files.unreadable > 0 && `${formatCount(files.unreadable)} without contents`,
  ]
    .filter(Boolean)
    .join(", ");
}

function Chosen({ driveName, value, onChange }: Pick<FolderPickerProps, "driveName" | "value" | "onChange">) {
  const all = `all of ${driveName || "it"}`;
  if (value.length === 0) {
    return <p className="text-xs text-muted">Nothing chosen: {all} is synced, also folders that are added later.</p>;
  }
  return (
    <div className="flex flex-wrap items-center gap-1">
      <ul className="contents" aria-label="Chosen folders">
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
      <Button kind="quiet" size="small" onClick={() => onChange([])}>
        Take {all} instead
      </Button>
    </div>
  );
}
