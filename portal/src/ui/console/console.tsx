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
import { type AnswerPicking, AnswerView } from "./answer-view.tsx";
import { actionsQuery, callQuery, useCall } from "./api.ts";
import { emptyRequest, type OwnRequest, OwnRequestForm, toRequest } from "./own-request.tsx";
import { RecentCalls } from "./recent-calls.tsx";

const OWN = "own-request";
const formId = "console-input";

export interface ConsoleProps {
  connection: string;
  /** The key of the only action that is called here. Without it any can be chosen, and requests be written by hand. */
  action?: string | undefined;
  /** Sending is not what the page is for just now. */
  quiet?: boolean | undefined;
  /** Lets values of an answer of that action be chosen. */
  picking?: AnswerPicking | undefined;
}

/** Calls an action of a connection, or any request below its address, and shows all of what came back. */
export function Console(props: ConsoleProps) {
  const workspace = useWorkspace();
  const { data, error, refetch } = useQuery(actionsQuery(workspace.id, props.connection));
  if (error && !data) return <FailedState what="The actions could not be loaded" error={error} onRetry={refetch} />;
  if (!data) return <SkeletonRows rows={4} label="Loading the actions" />;
  if (data.base_url === null && data.items.length === 0) {
    return (
      <EmptyState icon={TerminalSquare} title="There is nothing to call here">
        This provider has no address of its own and no actions.
      </EmptyState>
    );
  }
  if (props.action !== undefined && !data.items.some(({ key }) => key === props.action)) {
    return <p className="text-muted">This action is not saved yet. Save it, and it can be called.</p>;
  }
  return <Desk {...props} baseUrl={data.base_url} actions={data.items} />;
}

interface DeskProps extends ConsoleProps {
  baseUrl: string | null;
  actions: readonly ActionView[];
}

function Desk({ connection, action: only, quiet, picking, baseUrl, actions }: DeskProps) {
  const workspace = useWorkspace();
  const forbidden = useForbidden("member");
  const send = useCall(workspace.id, connection);
  const [written, choose] = useSearchState("action", actions[0]?.key ?? OWN);
  const chosen = only ?? written;
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
    <div className="@container">
      <div className="grid grid-cols-1 items-start gap-4 @2xl:grid-cols-[minmax(0,5fr)_minmax(0,7fr)] @2xl:grid-rows-[auto_1fr]">
        {/* biome-ignore lint/a11y/noStaticElementInteractions: a shortcut for the button inside */}
        <div className="grid min-w-0 gap-4" onKeyDown={sendWithKeys}>
          {only === undefined && (
            <Field label="Call">
              <Combobox value={action ? chosen : OWN} onChange={choose} options={options} />
            </Field>
          )}
          {action ? (
            <>
              <div className="grid gap-1 text-muted">
                {action.description && <p className="wrap-anywhere">{action.description}</p>}
                {action.path !== null && (
                  <p className="font-mono text-xs wrap-anywhere">
                    <span className="font-semibold text-foreground">{action.method}</span> {baseUrl}
                    <span className="text-foreground">{action.path}</span>
                  </p>
                )}
              </div>
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
              <Button
                kind={quiet ? "plain" : "primary"}
                icon={Send}
                type="submit"
                form={formId}
                busy={busy}
                disabled={forbidden}
              >
                Send
              </Button>
            ) : (
              <Button
                kind={quiet ? "plain" : "primary"}
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
        </div>
        <div className="min-w-0 @2xl:row-span-2">
          <AnswerView
            call={answer.data}
            loading={busy || (shown !== "" && answer.isPending)}
            error={answer.error}
            onRetry={() => answer.refetch()}
            picking={answer.data?.action === only ? picking : undefined}
          />
        </div>
        <RecentCalls connection={connection} shown={shown} onShow={show} />
      </div>
    </div>
  );
}
