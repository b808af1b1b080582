import { Outlet, useParams, useRouterState } from "@tanstack/react-router";
import { Menu as MenuIcon } from "lucide-react";
import { useEffect, useState } from "react";
import { formatClock } from "../lib/format.ts";
import { useLiveState } from "../lib/live.ts";
import { rememberWorkspace, useMe, useWorkspace } from "../lib/session.ts";
import { IconButton } from "../ui/button.tsx";
import { Mark } from "../ui/mark.tsx";
import { Sheet } from "../ui/sheet.tsx";
import { NotFoundPage } from "./fallback-pages.tsx";
import { useLiveUpdates } from "./live-updates.ts";
import { Overlays } from "./overlays.tsx";
import { Rail } from "./rail.tsx";
import { WorkspaceSwitcher } from "./workspace-switcher.tsx";

/** Rail left, page right; below 768 px the rail is a drawer behind a bar. */
export function Shell() {
  const me = useMe();
  const { workspace } = useParams({ strict: false });
  const known = workspace === undefined || me.workspaces.some((one) => one.slug === workspace || one.id === workspace);
  const [drawer, setDrawer] = useState(false);
  const path = useRouterState({ select: (state) => state.location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: going somewhere closes the drawer
  useEffect(() => setDrawer(false), [path]);

  return (
    <div className="max-md:[--table-top:53px] md:grid md:grid-cols-[57px_minmax(0,1fr)] xl:grid-cols-[232px_minmax(0,1fr)]">
      <a
        href="#main"
        className="sr-only z-50 rounded-md bg-primary px-3 py-2 font-medium text-on-primary focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to the page
      </a>
      <div className="sticky top-0 flex h-dvh max-md:hidden">
        <Rail />
      </div>
      <div className="sticky top-0 z-20 flex items-center gap-2 border-b border-border bg-sunken px-4 py-2 md:hidden">
        <IconButton icon={MenuIcon} label="Menu" className="-ml-2" onClick={() => setDrawer(true)} />
        <Mark />
        <div className="min-w-0 flex-1">
          <WorkspaceSwitcher />
        </div>
      </div>
      <Sheet open={drawer} onOpenChange={setDrawer} title="Menu" side="left">
        <Rail full />
      </Sheet>
      <div className="flex min-h-dvh min-w-0 flex-col max-md:min-h-0">
        {workspace !== undefined && known && <LiveWorkspace />}
        <main
          id="main"
          tabIndex={-1}
          className="mx-auto grid w-full max-w-400 grid-cols-[minmax(0,1fr)] content-start gap-4 p-4 md:px-8 md:pb-8"
        >
          {known ? <Outlet /> : <NotFoundPage />}
        </main>
      </div>
      <Overlays />
    </div>
  );
}

/** Follows the workspace's events while it is open, and says so when they stop coming. */
function LiveWorkspace() {
  const { id, slug } = useWorkspace();
  const live = useLiveState();
  useLiveUpdates(id);
  useEffect(() => rememberWorkspace(slug), [slug]);
  const lostFor = useSettled(live.connected ? undefined : live.since);
  return (
    <div role="status">
      {lostFor && (
        <p className="border-b border-border bg-warning-soft px-4 py-1 text-xs text-warning md:px-8">
          Reconnecting, figures from {formatClock(lostFor)}.
        </p>
      )}
    </div>
  );
}

/** A loss shorter than this is over before anybody has read about it. */
const worthSayingMs = 3000;

function useSettled(since: Date | undefined): Date | undefined {
  const [shown, setShown] = useState<Date>();
  const time = since?.getTime();
  useEffect(() => {
    if (time === undefined) {
      setShown(undefined);
      return;
    }
    const timer = window.setTimeout(() => setShown(new Date(time)), worthSayingMs);
    return () => window.clearTimeout(timer);
  }, [time]);
  return shown;
}
