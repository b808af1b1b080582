import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import type { ReactNode } from "react";
import type { FieldError } from "../../lib/api.ts";
import { cn } from "../../lib/cn.ts";
import type { CustomProviderView } from "../../lib/contract.ts";
import { useSearchState } from "../../lib/search-state.ts";
import { useWorkspace } from "../../lib/session.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button, ButtonLink } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Console } from "../../ui/console/console.tsx";
import { EmptyState, FailedState } from "../../ui/states.tsx";
import { ActionForm } from "./action-form.tsx";
import { connectionsOfQuery } from "./api.ts";
import { BasicsForm } from "./basics-form.tsx";
import { type Draft, draftsAt, put, replaceAt, textAt } from "./draft.ts";
import { RefusalsContext } from "./fields.tsx";
import { JsonSetting } from "./json-setting.tsx";
import { ProviderSettings } from "./provider-settings.tsx";
import { SignInForm } from "./sign-in-form.tsx";

interface EditorProps {
  draft: Draft;
  onChange: (draft: Draft) => void;
  errors: readonly FieldError[];
  provider: CustomProviderView | undefined;
  naming: { name: string; onName: (name: string) => void } | undefined;
}

/** Outline left, the chosen part in the middle, below it the console that tries it. */
export function Editor({ draft, onChange, errors, provider, naming }: EditorProps) {
  const [part, setPart] = useSearchState("part", "basics");
  const actions = draftsAt(draft, "actions");
  const place = /^action-(\d+)$/.exec(part)?.[1];
  const at = place === undefined ? undefined : Number(place);
  const action = at === undefined ? undefined : actions[at];
  const setAction = (next: Draft | undefined) => {
    if (at === undefined) return;
    onChange(put(draft, "actions", replaceAt(actions, at, next)));
    if (!next) setPart("basics");
  };
  const wrongIn = (pointer: RegExp) => errors.filter((error) => pointer.test(error.pointer)).length;

  return (
    <RefusalsContext value={errors}>
      <div className="grid grid-cols-[200px_minmax(0,1fr)] items-start gap-6 max-md:grid-cols-1">
        <nav aria-label="Parts of the provider" className="grid gap-0.5">
          <Entry
            current={part === "basics"}
            onGo={() => setPart("basics")}
            wrong={wrongIn(/^\/(name|definition\/(?!auth|actions))/)}
          >
            Basics
          </Entry>
          <Entry current={part === "sign-in"} onGo={() => setPart("sign-in")} wrong={wrongIn(/^\/definition\/auth/)}>
            Sign-in
          </Entry>
          <p className="px-2.5 pt-3 pb-1 text-xs font-medium text-muted">Actions</p>
          {actions.map((one, index) => (
            <Entry
              // biome-ignore lint/suspicious/noArrayIndexKey: an action has no other identity while its key is typed
              key={index}
              current={index === at}
              onGo={() => setPart(`action-${index}`)}
              wrong={wrongIn(new RegExp(`^/definition/actions/${index}(/|$)`))}
            >
              {textAt(one, "name") || textAt(one, "key") || "New action"}
            </Entry>
          ))}
          <Button
            kind="quiet"
            size="small"
            icon={Plus}
            className="justify-self-start"
            onClick={() => {
              onChange(put(draft, "actions", [...actions, { key: "", name: "", method: "GET", path: "/" }]));
              setPart(`action-${actions.length}`);
            }}
          >
            Action
          </Button>
          <p className="px-2.5 pt-3 pb-1 text-xs font-medium text-muted">More</p>
          <Entry current={part === "json"} onGo={() => setPart("json")} wrong={0}>
            All of it as JSON
          </Entry>
          {provider && (
            <Entry current={part === "settings"} onGo={() => setPart("settings")} wrong={0}>
              Settings
            </Entry>
          )}
        </nav>
        <div className="grid min-w-0 gap-6">
          <Card className="p-4">
            {action && at !== undefined ? (
              <ActionForm
                key={at}
                action={action}
                onChange={setAction}
                onRemove={() => setAction(undefined)}
                at={`/definition/actions/${at}`}
              />
            ) : part === "sign-in" ? (
              <SignInForm draft={draft} onChange={onChange} />
            ) : part === "json" ? (
              <JsonSetting
                draft={{ definition: draft }}
                onChange={(next) => onChange(draftOf(next.definition))}
                name="definition"
                at=""
                label="Definition"
                hint="Every setting there is, as docs/guides/custom-providers.md describes them."
              />
            ) : part === "settings" && provider ? (
              <ProviderSettings provider={provider} />
            ) : (
              <BasicsForm draft={draft} onChange={onChange} naming={naming} />
            )}
          </Card>
          {provider && (action || part === "sign-in") && (
            <TryIt provider={provider} onPick={action ? (path) => setAction(put(action, "output", path)) : undefined} />
          )}
        </div>
      </div>
    </RefusalsContext>
  );
}

const draftOf = (value: unknown): Draft =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};

interface EntryProps {
  current: boolean;
  onGo: () => void;
  wrong: number;
  children: ReactNode;
}

function Entry({ current, onGo, wrong, children }: EntryProps) {
  return (
    <button
      type="button"
      aria-current={current ? "step" : undefined}
      onClick={onGo}
      className={cn(
        "flex min-h-8 min-w-0 items-center justify-between gap-2 rounded-md px-2.5 text-left pointer-coarse:min-h-11",
        current ? "bg-primary-soft font-medium" : "text-muted hover:bg-hover hover:text-foreground",
      )}
    >
      <span className="truncate">{children}</span>
      {wrong > 0 && (
        <Badge tone="bad">
          {wrong} <span className="sr-only">not right yet</span>
        </Badge>
      )}
    </button>
  );
}

function TryIt({ provider, onPick }: { provider: CustomProviderView; onPick: ((path: string) => void) | undefined }) {
  const workspace = useWorkspace();
  const { data, error, refetch } = useQuery(connectionsOfQuery(workspace.id, provider.key));
  const connection = data?.items.find(({ status }) => status === "active") ?? data?.items[0];
  if (error && !data) return <FailedState what="Its connections could not be loaded" error={error} onRetry={refetch} />;
  if (!data) return null;
  if (!connection) {
    return (
      <Card>
        <EmptyState
          title="Nothing to try it with yet"
          action={
            <ButtonLink
              to="/w/$workspace/catalog/$provider"
              params={{ workspace: workspace.slug, provider: provider.key }}
            >
              Connect {textAt(provider.definition, "display_name")}
            </ButtonLink>
          }
        >
          A connection brings the credential; then each action can be called from here.
        </EmptyState>
      </Card>
    );
  }
  return (
    <section className="grid gap-3" aria-label="Try it">
      <h2 className="text-base font-semibold">
        Try it <span className="font-normal text-muted">as saved, with {connection.name}</span>
      </h2>
      <Console connection={connection.id} onPick={onPick} />
    </section>
  );
}
