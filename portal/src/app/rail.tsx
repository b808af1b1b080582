import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { BookOpen, type LucideIcon, Search, Server } from "lucide-react";
import { hawser } from "../lib/api.ts";
import { cn } from "../lib/cn.ts";
import type { Home } from "../lib/contract.ts";
import { formatCount } from "../lib/format.ts";
import { modifierKey } from "../lib/keys.ts";
import { keys } from "../lib/query.ts";
import { useMe } from "../lib/session.ts";
import { Icon } from "../ui/icon.tsx";
import { Mark } from "../ui/mark.tsx";
import { MemberMenu } from "./member-menu.tsx";
import { openOverlay } from "./open-overlay.ts";
import { type Section, sections } from "./sections.ts";
import { useRailWorkspace, WorkspaceSwitcher } from "./workspace-switcher.tsx";

// Between 768 and 1280 px the rail shows icons; in the drawer and above it has words.
const words = "max-xl:sr-only";

/** The way to every section. `full` is the drawer's: words at every width. */
export function Rail({ full = false }: { full?: boolean }) {
  const me = useMe();
  const workspace = useRailWorkspace();
  const hidden = full ? "" : words;
  const entry = (section: Section) =>
    workspace && (
      <SectionLink key={section.to} section={section} slug={workspace.slug} id={workspace.id} hidden={hidden} />
    );
  return (
    <nav
      aria-label="Main"
      className="flex h-full w-full flex-col gap-0.5 overflow-y-auto border-r border-border bg-sunken px-3 py-4 max-xl:px-2"
    >
      <Link
        to="/"
        className={cn(
          "flex items-center gap-2.5 rounded-md px-2 pb-3 text-base font-semibold",
          !full && "max-xl:justify-center max-xl:px-0",
        )}
      >
        <Mark />
        <span className={cn("text-[16px] leading-6", hidden)}>Hawser</span>
      </Link>
      <div className="mb-3 max-md:hidden">
        <WorkspaceSwitcher compact={!full} />
      </div>
      <button
        type="button"
        title={`Find or do (${modifierKey} K)`}
        onClick={() => openOverlay("palette")}
        className={cn(itemLook, "w-full", !full && "max-xl:justify-center")}
      >
        <Icon icon={Search} />
        <span className={hidden}>Find or do</span>
        <kbd className={cn("ml-auto rounded-sm border border-border px-1 text-xs", !full && "max-xl:hidden")}>
          {modifierKey} K
        </kbd>
      </button>
      {sections.filter((section) => !section.foot).map(entry)}
      <span className="flex-1" />
      {sections.filter((section) => section.foot).map(entry)}
      {me.instance_admin && (
        <Link to="/admin" title="Instance" className={cn(itemLook, !full && "max-xl:justify-center")}>
          <Icon icon={Server} />
          <span className={hidden}>Instance</span>
        </Link>
      )}
      <OutsideEntry href="/docs" icon={BookOpen} name="Docs and API" hidden={hidden} full={full} />
      <MemberMenu hidden={hidden} full={full} />
    </nav>
  );
}

const itemLook =
  "flex items-center gap-2.5 rounded-md px-2 py-1.5 font-medium text-muted transition-colors hover:text-foreground aria-[current=page]:bg-card aria-[current=page]:text-foreground aria-[current=page]:shadow-[inset_0_0_0_1px_var(--border)] pointer-coarse:min-h-11 [&[aria-current=page]_svg]:text-primary";

function SectionLink({ section, slug, id, hidden }: { section: Section; slug: string; id: string; hidden: string }) {
  const count = useNeedsPerson(id, section.name);
  return (
    <Link
      to={section.to}
      params={{ workspace: slug }}
      title={section.name}
      activeOptions={{ exact: section.name === "Home", includeSearch: false }}
      className={cn(itemLook, "relative", hidden && "max-xl:justify-center")}
    >
      <Icon icon={section.icon} />
      <span className={hidden}>{section.name}</span>
      {count > 0 && (
        <span
          className={cn(
            "ml-auto rounded-sm bg-bad-soft px-1.5 py-px text-xs text-bad",
            hidden && "max-xl:absolute max-xl:-top-0.5 max-xl:right-0 max-xl:px-1",
          )}
        >
          {formatCount(count)}
          <span className="sr-only"> need a person</span>
        </span>
      )}
    </Link>
  );
}

function OutsideEntry({
  href,
  icon,
  name,
  hidden,
  full,
}: {
  href: string;
  icon: LucideIcon;
  name: string;
  hidden: string;
  full: boolean;
}) {
  return (
    <a
      href={href}
      target="_blank"
      rel="noreferrer"
      title={name}
      className={cn(itemLook, !full && "max-xl:justify-center")}
    >
      <Icon icon={icon} />
      <span className={hidden}>{name}</span>
    </a>
  );
}

/** How many things of a section wait for a person; a count appears nowhere else in the rail. */
function useNeedsPerson(workspace: string, section: string): number {
  const { data } = useQuery({
    queryKey: keys.home(workspace),
    queryFn: ({ signal }): Promise<Home> => hawser.workspaces.home({ workspace }, { signal }),
  });
  const waiting = data?.attention ?? [];
  if (section === "Syncs") return waiting.filter((one) => one.sync_id !== null).length;
  if (section === "Connections")
    return waiting.filter((one) => one.sync_id === null && one.connection_id !== null).length;
  return 0;
}
