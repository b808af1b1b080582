import { useQuery } from "@tanstack/react-query";
import { Send, TerminalSquare } from "lucide-react";
import { type KeyboardEvent, useState } from "react";
import { ApiError } from "../../lib/api.ts";
import type { ActionView, Body, CallView } from "../../lib/contract.ts";
import { useSearchState } from "../../lib/search-state.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { Button } from "../button.tsx";
import { Combobox } from "../combobox.tsx";
import { Field } from "../field.tsx";
import { SchemaForm } from "../schema-form/index.tsx";
import { SkeletonRows } from "../skeleton.tsx";
import { EmptyState, FailedState } from "../states.tsx";
import { Checkbox } from "../toggle.tsx";
import { AnswerView } from "./answer-view.tsx";
import { actionsQuery, callQuery, useCall } from "./api.ts";
import { emptyRequest, type OwnRequest, OwnRequestForm, toRequest } from "./own-request.tsx";
import { RecentCalls } from "./recent-calls.tsx";

const OWN = "own-request";
const formId = "console-input";

export interface ConsoleProps {
  connection: string;
  /** Called with the JSONPath of a value of the answer that is clicked. */
  onPick?: ((path: string) => void) | undefined;
}

/** Calls an action of a connection, or any request below its address, and shows all of what came back. */
export function Console({ connection, onPick }: ConsoleProps) {
  const workspace = useWorkspace();
  const { data, error, refetch } = useQuery(actionsQuery(workspace.id, connection));
  if (error && !data) return <FailedState what="The actions could not be loaded" error={error} onRetry={refetch} />;
  if (!data) return <SkeletonRows rows={4} label="Loading the actions" />;
  if (data.base_url === null && data.items.length === 0) {
    return (
      <EmptyState icon={TerminalSquare} title="There is nothing to call here">
        This provider has no address of its own and no actions.
      </EmptyState>
    );
  }
  return <Desk connection={connection} baseUrl={data.base_url} actions={data.items} onPick={onPick} />;
}

interface DeskProps extends ConsoleProps {
  baseUrl: string | null;
  actions: readonly ActionView[];
}

function Desk({ connection, baseUrl, actions, onPick }: DeskProps) {
  const workspace = useWorkspace();
  const forbidden = useForbidden("member");
  const send = useCall(workspace.id, connection);
  const [chosen, choose] = useSearchState("action", actions[0]?.key ?? OWN);
  const [shown, show] = useSearchState("call");
  const [inputs, setInputs] = useState<Record<string, Record<string, unknown>>>({});
  const [own, setOwn] = useState<OwnRequest>(emptyRequest);
  const [fresh, setFresh] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const action = actions.find(({ key }) => key === chosen);
  const answer = useQuery({ ...callQuery(workspace.id, shown), enabled: shown !== "" });
  const fieldErrors = failure instanceof ApiError ? failure.errors : [];

  const call = async (body: Omit<Body<"connections.call">, "fresh">) => {
    if (busy || forbidden) return;
    setBusy(true);
    setFailure(undefined);
    try {
      const made: CallView = await send({ ...body, fresh });
      show(made.id);
    } catch (refusal) {
      setFailure(refusal);
    } finally {
      setBusy(false);
    }
  };

  const sendWithKeys = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey)) return;
    event.preventDefault();
    if (action) document.querySelector<HTMLFormElement>(`#${formId}`)?.requestSubmit();
    else void call({ request: toRequest(own) });
  };

  const options = [
    ...actions.map(({ key, name, method }) => ({ value: key, label: method ? `${method} ${name}` : name })),
    ...(baseUrl === null ? [] : [{ value: OWN, label: "A request of my own" }]),
  ];
  const landed = fieldErrors.some(({ pointer }) => pointer.startsWith("/input") || pointer.startsWith("/request"));

  return (
    <div className="grid grid-cols-[minmax(0,5fr)_minmax(0,7fr)] items-start gap-4 max-lg:grid-cols-1">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a shortcut for the button inside */}
      <div className="grid gap-4" onKeyDown={sendWithKeys}>
        <Field label="Call">
          <Combobox value={action ? chosen : OWN} onChange={choose} options={options} />
        </Field>
        {action ? (
          <>
            <p className="text-muted">
              {action.description}{" "}
              {action.path && (
                <code className="text-xs wrap-anywhere">
                  {action.method} {action.path}
                </code>
              )}
            </p>
            <SchemaForm
              key={action.key}
              schema={action.input_schema}
              value={inputs[action.key] ?? {}}
              onChange={(input) => setInputs((before) => ({ ...before, [action.key]: input }))}
              onSubmit={(input) => void call({ action: action.key, input })}
              serverErrors={fieldErrors}
              prefix="/input"
              formId={formId}
              disabled={Boolean(forbidden)}
            />
            {action.cache_s > 0 && (
              <Checkbox checked={fresh} onChange={setFresh}>
                Ask again, even where an earlier answer is kept
              </Checkbox>
            )}
          </>
        ) : (
          <OwnRequestForm baseUrl={baseUrl ?? ""} value={own} onChange={setOwn} errors={fieldErrors} />
        )}
        {failure !== undefined && !landed && <FailedState what="The call was not made" error={failure} />}
        <div className="flex items-center gap-3">
          {action ? (
            <Button kind="primary" icon={Send} type="submit" form={formId} busy={busy} disabled={forbidden}>
              Send
            </Button>
          ) : (
            <Button
              kind="primary"
              icon={Send}
              busy={busy}
              disabled={forbidden}
              onClick={() => void call({ request: toRequest(own) })}
            >
              Send
            </Button>
          )}
          <span className="text-xs text-muted max-md:hidden">Ctrl or ⌘ with Enter sends it, too.</span>
        </div>
        <RecentCalls connection={connection} shown={shown} onShow={show} />
      </div>
      <AnswerView
        call={answer.data}
        loading={busy || (shown !== "" && answer.isPending)}
        error={answer.error}
        onRetry={() => answer.refetch()}
        onPick={onPick}
      />
    </div>
  );
}
