import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { CustomProviderView } from "../../lib/contract.ts";
import { useWorkspace } from "../../lib/session.ts";
import { ButtonLink } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Console } from "../../ui/console/console.tsx";
import { Field } from "../../ui/field.tsx";
import { Select } from "../../ui/input.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { EmptyState, FailedState } from "../../ui/states.tsx";
import { connectionsOfQuery } from "./api.ts";
import { type Draft, textAt } from "./draft.ts";
import { hasOneEntry, isPicked, ofEveryEntry, pathsOf, withPicked } from "./output.ts";

interface TryItProps {
  provider: CustomProviderView;
  /** The action that is edited; without one any can be called. */
  action: Draft | undefined;
  onChange: (action: Draft) => void;
  /** Called when a value was clicked, as fields that hold text of their own have to be made anew. */
  onPicked: () => void;
  /** Something is not saved yet: calls are made with what is. */
  dirty: boolean;
}

/** The console with a connection of this provider; values of an answer become the output of the action. */
export function TryIt({ provider, action, onChange, onPicked, dirty }: TryItProps) {
  const workspace = useWorkspace();
  const [chosen, choose] = useState<string>();
  const { data, error, refetch } = useQuery(connectionsOfQuery(workspace.id, provider.key));
  const connections = data?.items ?? [];
  const connection =
    connections.find(({ id }) => id === chosen) ??
    connections.find(({ status }) => status === "active") ??
    connections[0];
  if (error && !data) return <FailedState what="Its connections could not be loaded" error={error} onRetry={refetch} />;
  if (!data) return <SkeletonRows rows={3} label="Loading its connections" />;
  if (!connection) {
    return (
      <Card>
        <EmptyState
          title="Nothing to try it with yet"
          className="py-8"
          action={
            provider.active && (
              <ButtonLink
                to="/w/$workspace/catalog/$provider"
                params={{ workspace: workspace.slug, provider: provider.key }}
              >
                Connect an account
              </ButtonLink>
            )
          }
        >
          A connection brings the credential; then each action can be called from here.
        </EmptyState>
      </Card>
    );
  }
  const pick = (path: string) => {
    if (!action) return;
    onChange(withPicked(action, path));
    onPicked();
  };
  return (
    <section className="grid gap-3" aria-label="Try it">
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <h2 className="text-base font-semibold">Try it</h2>
        <p className="min-w-0 flex-1 text-muted wrap-anywhere">
          {connections.length === 1 && `with “${connection.name}”`}
          {dirty && `${connections.length === 1 ? ", " : ""}as it was saved last: save first to try what you changed`}
        </p>
      </div>
      {connections.length > 1 && (
        <Field label="With">
          <Select
            value={connection.id}
            onChange={choose}
            options={connections.map(({ id, name }) => ({ value: id, label: name }))}
          />
        </Field>
      )}
      <Console
        key={connection.id}
        connection={connection.id}
        action={action && textAt(action, "key")}
        quiet={dirty}
        picking={
          action && {
            onPick: pick,
            isPicked: (path) => isPicked(action, path),
            note: <OutputNote action={action} onChange={onChange} onPicked={onPicked} />,
          }
        }
      />
    </section>
  );
}

/** What the output is by now, beside the answer whose values are clicked. */
function OutputNote({
  action,
  onChange,
  onPicked,
}: Required<Pick<TryItProps, "onChange" | "onPicked">> & { action: Draft }) {
  const paths = pathsOf(action);
  const linkLook = "min-h-6 rounded-sm font-medium text-primary underline-offset-2 hover:underline";
  return (
    <p role="status" className="mb-2 flex flex-wrap items-baseline gap-x-2 text-muted">
      {paths.length === 0 ? (
        "Click a value to make it the output."
      ) : (
        <>
          <span className="wrap-anywhere">
            Output: <code className="text-xs text-foreground">{paths.join(", ")}</code>
          </span>
          {hasOneEntry(action) && (
            <button
              type="button"
              className={linkLook}
              onClick={() => {
                onChange(ofEveryEntry(action));
                onPicked();
              }}
            >
              Take it of every entry
            </button>
          )}
        </>
      )}
    </p>
  );
}
