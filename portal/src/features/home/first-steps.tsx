import { Circle, CircleCheck } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "../../lib/cn.ts";
import type { Home } from "../../lib/contract.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { ButtonLink } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Icon } from "../../ui/icon.tsx";

type Steps = Home["first_steps"];

interface Step {
  done: boolean;
  title: string;
  text: string;
  action: ReactNode;
}

/** A new workspace: three steps to the first file, each ticking by itself when it is done. */
export function FirstSteps({ steps }: { steps: Steps }) {
  const { slug } = useWorkspace();
  const forbidden = useForbidden("admin");
  const params = { workspace: slug };
  const list: Step[] = [
    {
      done: steps.connected,
      title: "Connect a source",
      text: forbidden ?? "Begin with a folder on this machine; it needs no account anywhere.",
      action: (
        <>
          <ButtonLink
            kind="primary"
            to="/w/$workspace/catalog/$provider"
            params={{ ...params, provider: "local-folder" }}
          >
            Connect a local folder
          </ButtonLink>
          <ButtonLink kind="quiet" to="/w/$workspace/catalog" params={params}>
            See the catalog
          </ButtonLink>
        </>
      ),
    },
    {
      done: steps.sync_made,
      title: "Make a sync",
      text: "Choose folders, what to read out of their paths, and where the files go.",
      action: (
        <ButtonLink kind="primary" to="/w/$workspace/syncs/new" params={params}>
          New sync
        </ButtonLink>
      ),
    },
    {
      done: steps.file_synced,
      title: "See the first file arrive",
      text: "The sync’s page counts along while it runs.",
      action: (
        <ButtonLink kind="primary" to="/w/$workspace/syncs" params={params}>
          Go to the sync
        </ButtonLink>
      ),
    },
  ];
  const current = list.findIndex((step) => !step.done);
  return (
    <Card title="First steps" note={`${list.filter((step) => step.done).length} of ${list.length} done`}>
      <ol>
        {list.map((step, place) => (
          <li key={step.title} className="flex gap-3 border-t border-border px-4 py-4 first:border-t-0">
            <Icon
              icon={step.done ? CircleCheck : Circle}
              className={cn("mt-0.5", step.done ? "text-good" : "text-control")}
            />
            <div className="grid min-w-0 flex-1 gap-3">
              <div>
                <p className={cn("text-base font-semibold", step.done && "text-muted")}>
                  {step.title}
                  {step.done && <span className="sr-only"> (done)</span>}
                </p>
                <p className="text-muted">{step.text}</p>
              </div>
              {place === current && !(place === 0 && forbidden) && (
                <div className="flex flex-wrap gap-2">{step.action}</div>
              )}
            </div>
          </li>
        ))}
      </ol>
    </Card>
  );
}
