import { useQuery } from "@tanstack/react-query";
import { Cable, FolderSync, Plus } from "lucide-react";
import type { Home } from "../../lib/contract.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Time } from "../../ui/figures.tsx";
import { Menu, MenuLink } from "../../ui/menu.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { Skeleton, SkeletonRows } from "../../ui/skeleton.tsx";
import { FailedState } from "../../ui/states.tsx";
import { homeQuery } from "./api.ts";
import { Figures } from "./figures.tsx";
import { FirstSteps } from "./first-steps.tsx";
import { NeedsPerson } from "./needs-person.tsx";
import { Next } from "./next.tsx";
import { RecentActivity } from "./recent-activity.tsx";
import { RunningNow } from "./running-now.tsx";

/** Is it all right, and what do I do? */
export function HomePage() {
  const workspace = useWorkspace();
  const home = useQuery(homeQuery(workspace.id));
  return (
    <>
      <PageHead
        title="Home"
        facts={
          home.data ? (
            <Facts home={home.data} checkedAt={home.dataUpdatedAt} />
          ) : (
            home.isPending && <Skeleton className="mt-1 w-72" />
          )
        }
        actions={<NewMenu />}
      />
      {home.error && <FailedState what="Home could not be loaded" error={home.error} onRetry={home.refetch} />}
      {home.data ? <Loaded home={home.data} /> : !home.error && <Loading />}
    </>
  );
}

function Loaded({ home }: { home: Home }) {
  const isNew = !home.first_steps.file_synced;
  return (
    <>
      <NeedsPerson attention={home.attention} />
      <div className="grid grid-cols-1 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_384px]">
        <div className="grid min-w-0 grid-cols-1 gap-4">
          {isNew && <FirstSteps steps={home.first_steps} />}
          {(home.running.length > 0 || !isNew) && <RunningNow running={home.running} />}
          {(home.next.length > 0 || !isNew) && <Next next={home.next} />}
        </div>
        <div className="grid min-w-0 grid-cols-1 gap-4">
          {!isNew && <Figures home={home} />}
          <RecentActivity />
        </div>
      </div>
    </>
  );
}

function Facts({ home, checkedAt }: { home: Home; checkedAt: number }) {
  const waiting = home.attention.length;
  if (!home.first_steps.file_synced && waiting === 0) return "Three steps to the first file.";
  const said =
    waiting === 0
      ? "Everything is in order."
      : `${waiting === 1 ? "One thing needs" : `${waiting} things need`} a person. Everything else is in order.`;
  return (
    <>
      {said} Checked <Time at={checkedAt} />.
    </>
  );
}

function NewMenu() {
  const { slug } = useWorkspace();
  const noSync = useForbidden("member");
  const noConnection = useForbidden("admin");
  if (noSync && noConnection) return null;
  return (
    <Menu
      trigger={
        <Button icon={Plus} data-new="">
          New
        </Button>
      }
    >
      {!noSync && (
        <MenuLink icon={FolderSync} to="/w/$workspace/syncs/new" params={{ workspace: slug }}>
          Sync
        </MenuLink>
      )}
      {!noConnection && (
        <MenuLink icon={Cable} to="/w/$workspace/catalog" params={{ workspace: slug }}>
          Connection
        </MenuLink>
      )}
    </Menu>
  );
}

function Loading() {
  return (
    <>
      <Card title="Needs a person">
        <SkeletonRows rows={2} />
      </Card>
      <div className="grid grid-cols-1 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_384px]">
        <Card title="Running now">
          <SkeletonRows rows={4} />
        </Card>
        <Card title="Activity">
          <SkeletonRows rows={6} />
        </Card>
      </div>
    </>
  );
}
