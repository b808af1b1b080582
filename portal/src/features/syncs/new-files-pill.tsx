import { type InfiniteData, useQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowUp } from "lucide-react";
import { useEffect, useRef } from "react";
import type { FilePage, FileView } from "../../lib/contract.ts";
import { formatCount } from "../../lib/format.ts";
import { useWorkspace } from "../../lib/session.ts";
import { Button } from "../../ui/button.tsx";
import { type FileFilter, fileListQuery, newestFilesQuery } from "./api.ts";

type FileList = InfiniteData<FilePage>;

export interface NewFilesPillProps {
  sync: string;
  running: boolean;
  filter: FileFilter;
  /** What the table shows now. */
  rows: readonly FileView[];
  onShow: () => void;
}

/**
 * Rows never move under the pointer: rows that are shown change in place, and those that would push them away are
 * counted here until somebody wants to see them.
 */
export function NewFilesPill({ sync, running, filter, rows, onShow }: NewFilesPillProps) {
  const workspace = useWorkspace();
  const client = useQueryClient();
  const { data } = useQuery(newestFilesQuery(workspace.id, sync, filter, running));
  const show = useRef(onShow);
  show.current = onShow;
  // Made anew at every drawing; as text it changes only with what it stands for.
  const listKey = JSON.stringify(fileListQuery(workspace.id, sync, filter).queryKey);

  useEffect(() => {
    if (!data) return;
    const newest = new Map(data.items.map((file) => [file.id, file]));
    client.setQueryData<FileList>(JSON.parse(listKey), (list) => {
      const outdated = list?.pages.some((page) => page.items.some((file) => isOlder(file, newest.get(file.id))));
      if (!list || !outdated) return list;
      const pages = list.pages.map((page) => ({
        ...page,
        items: page.items.map((file) => {
          const now = newest.get(file.id);
          return now && isOlder(file, now) ? now : file;
        }),
      }));
      return { ...list, pages };
    });
  }, [client, data, listKey]);

  const waits = rows.length === 0 && (data?.items.length ?? 0) > 0;
  useEffect(() => {
    // An empty table has nothing that could move.
    if (waits) show.current();
  }, [waits]);

  const known = new Set(rows.map((row) => row.id));
  // What lies below the last row that is shown is not new, only not loaded.
  const oldest = rows.reduce((least, row) => (row.changed_at < least ? row.changed_at : least), "9");
  const fresh = data?.items.filter((file) => !known.has(file.id) && file.changed_at > oldest).length ?? 0;
  if (fresh === 0 || rows.length === 0 || filter.sort !== "changed") return null;
  const all = fresh === data?.items.length && data.next !== undefined;
  return (
    <Button icon={ArrowUp} className="border-border text-running" onClick={onShow}>
      {formatCount(fresh)}
      {all && "+"} new
    </Button>
  );
}

const isOlder = (shown: FileView, now: FileView | undefined) =>
  now !== undefined && (now.changed_at > shown.changed_at || now.state !== shown.state || now.held !== shown.held);
