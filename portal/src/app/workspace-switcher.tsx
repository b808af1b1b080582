import { Popover } from "@base-ui/react/popover";
import { useNavigate, useParams, useRouterState } from "@tanstack/react-router";
import { Check, ChevronsUpDown, Plus, Search } from "lucide-react";
import { type KeyboardEvent, useId, useState } from "react";
import { cn } from "../lib/cn.ts";
import type { Me } from "../lib/contract.ts";
import { lastWorkspace, useMe } from "../lib/session.ts";
import { Icon } from "../ui/icon.tsx";
import { ProviderGlyph } from "../ui/provider-glyph.tsx";
import { openOverlay } from "./open-overlay.ts";

/** Which workspace is open; searches the others and keeps the section when one is chosen. */
export function WorkspaceSwitcher({ compact = false }: { compact?: boolean }) {
  const current = useRailWorkspace();
  const [open, setOpen] = useState(false);
  const hidden = compact ? "max-xl:sr-only" : "";
  return (
    <Popover.Root open={open} onOpenChange={(next) => setOpen(next)}>
      <Popover.Trigger
        title={current?.name ?? "Choose a workspace"}
        className={cn(
          "flex min-h-9 w-full items-center gap-2 rounded-md border border-border bg-card px-2 py-1.5 text-left pointer-coarse:min-h-11",
          compact && "max-xl:justify-center max-xl:px-0",
        )}
      >
        {current && <ProviderGlyph id={current.id} name={current.name} size="small" />}
        <span className={cn("min-w-0 flex-1 truncate font-medium", hidden)}>
          {current?.name ?? "Choose a workspace"}
        </span>
        <Icon icon={ChevronsUpDown} className={compact ? "max-xl:hidden" : ""} />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner align="start" sideOffset={4} className="z-50">
          <Popover.Popup
            aria-label="Workspaces"
            className="layer-in w-72 max-w-[90vw] rounded-md border border-border bg-card shadow-layer"
          >
            <Choices onDone={() => setOpen(false)} currentId={current?.id} />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Choices({ onDone, currentId }: { onDone: () => void; currentId: string | undefined }) {
  const me = useMe();
  const id = useId();
  const go = useGoToWorkspace();
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const found = me.workspaces.filter((one) => one.name.toLowerCase().includes(text.trim().toLowerCase()));

  const choose = (index: number) => {
    const chosen = found[index];
    onDone();
    if (chosen) go(chosen.slug);
    else openOverlay("new-workspace");
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setActive(Math.min(found.length, active + 1));
    else if (event.key === "ArrowUp") setActive(Math.max(0, active - 1));
    else if (event.key === "Enter") choose(active);
    else return;
    event.preventDefault();
  };
  const row = (index: number) =>
    cn(
      "flex min-h-9 cursor-pointer items-center gap-2 rounded-sm px-2 py-1 pointer-coarse:min-h-11",
      index === active && "bg-hover",
    );

  return (
    <>
      <div className="relative border-b border-border">
        <Icon icon={Search} className="absolute top-1/2 left-3 -translate-y-1/2 text-muted" />
        <input
          role="combobox"
          aria-expanded="true"
          aria-controls={id}
          aria-activedescendant={`${id}-${active}`}
          aria-label="Find a workspace"
          placeholder="Find a workspace"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
          className="h-10 w-full bg-transparent pr-3 pl-9 -outline-offset-2"
        />
      </div>
      {/* biome-ignore-start lint/a11y/useFocusableInteractive: the input holds the focus and points at the entries */}
      {/* biome-ignore-start lint/a11y/useKeyWithClickEvents: keys are handled by the input */}
      <div id={id} role="listbox" aria-label="Workspaces" className="max-h-80 overflow-y-auto p-1">
        {found.map((one, index) => (
          <div
            key={one.id}
            id={`${id}-${index}`}
            role="option"
            aria-selected={one.id === currentId}
            className={row(index)}
            onPointerMove={() => setActive(index)}
            onClick={() => choose(index)}
          >
            <ProviderGlyph id={one.id} name={one.name} size="small" />
            <span className="min-w-0 flex-1 truncate">{one.name}</span>
            <span className="text-xs text-muted">{one.role}</span>
            {one.id === currentId && <Icon icon={Check} className="text-primary" />}
          </div>
        ))}
        <div
          id={`${id}-${found.length}`}
          role="option"
          aria-selected="false"
          className={cn(row(found.length), found.length > 0 && "mt-1 border-t border-border")}
          onPointerMove={() => setActive(found.length)}
          onClick={() => choose(found.length)}
        >
          <span className="grid size-5.5 place-items-center">
            <Icon icon={Plus} className="text-muted" />
          </span>
          New workspace
        </div>
      </div>
      {/* biome-ignore-end lint/a11y/useKeyWithClickEvents: as above */}
      {/* biome-ignore-end lint/a11y/useFocusableInteractive: as above */}
    </>
  );
}

/** The workspace of the address; on pages that belong to none, the one looked at last. */
export function useRailWorkspace(): Me["workspaces"][number] | undefined {
  const me = useMe();
  const { workspace } = useParams({ strict: false });
  const slug = workspace ?? lastWorkspace(me);
  return me.workspaces.find((one) => one.slug === slug || one.id === slug);
}

/** To another workspace, into the same section. */
export function useGoToWorkspace(): (slug: string) => void {
  const navigate = useNavigate();
  const section = useRouterState({ select: (state) => /^\/w\/[^/]+\/(\w+)/.exec(state.location.pathname)?.[1] });
  return (workspace) => {
    const params = { workspace };
    if (section === "catalog") void navigate({ to: "/w/$workspace/catalog", params });
    else if (section === "connections") void navigate({ to: "/w/$workspace/connections", params });
    else if (section === "syncs") void navigate({ to: "/w/$workspace/syncs", params });
    else if (section === "activity") void navigate({ to: "/w/$workspace/activity", params });
    else if (section === "settings") void navigate({ to: "/w/$workspace/settings", params });
    else void navigate({ to: "/w/$workspace", params });
  };
}
