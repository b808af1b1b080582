import { useNavigate } from "@tanstack/react-router";
import { type RefObject, useEffect, useRef, useState } from "react";
import type { FieldError } from "../../lib/api.ts";
import type { CustomProviderView } from "../../lib/contract.ts";
import { type PageSearch, useSearchState } from "../../lib/search-state.ts";
import { Card } from "../../ui/card.tsx";
import { ActionForm } from "./action-form.tsx";
import { BasicsForm, type Naming } from "./basics-form.tsx";
import { type Draft, draftsAt, put, replaceAt } from "./draft.ts";
import { RefusalsContext } from "./fields.tsx";
import { JsonSetting } from "./json-setting.tsx";
import { Outline } from "./outline.tsx";
import { type Part, partOf, refusedBy } from "./parts.ts";
import { ProviderSettings } from "./provider-settings.tsx";
import { Refusals } from "./refusals.tsx";
import { SignInForm } from "./sign-in-form.tsx";
import { TryIt } from "./try-it.tsx";

interface EditorProps {
  draft: Draft;
  onChange: (draft: Draft) => void;
  /** What the server refused and is not changed since. */
  errors: readonly FieldError[];
  /** Counts the attempts to save. */
  attempt: number;
  provider: CustomProviderView | undefined;
  naming: Naming | undefined;
  dirty: boolean;
}

/** Outline left, the chosen part beside it; the console that tries it below, or on wide screens right. */
export function Editor({ draft, onChange, errors, attempt, provider, naming, dirty }: EditorProps) {
  const [part, go] = usePart();
  const [picks, setPicks] = useState(0);
  const form = useRef<HTMLDivElement>(null);
  useFirstRefusal({ errors, attempt }, part, go, form);
  const actions = draftsAt(draft, "actions");
  const at = part.startsWith("action-") ? Number(part.slice("action-".length)) : undefined;
  const action = at === undefined ? undefined : actions[at];
  const setAction = (next: Draft | undefined) => {
    if (at === undefined) return;
    onChange(put(draft, "actions", replaceAt(actions, at, next)));
    if (!next) go("basics");
  };
  const add = () => {
    onChange(put(draft, "actions", [...actions, { key: "", name: "", method: "GET", path: "/" }]));
    go(`action-${actions.length}`);
  };
  // Forms with text of their own begin anew where another version is shown.
  const version = provider?.version ?? 0;

  return (
    <RefusalsContext value={errors}>
      {errors.length > 0 && <Refusals errors={errors} draft={draft} onGo={go} />}
      <div className="grid grid-cols-[200px_minmax(0,1fr)] items-start gap-6 max-md:grid-cols-1">
        <Outline
          part={part}
          onGo={go}
          actions={actions}
          onAdd={add}
          refused={refusedBy(errors)}
          saved={provider !== undefined}
        />
        <div className="grid min-w-0 items-start gap-6 min-[1700px]:has-[>section]:grid-cols-2">
          <Card className="p-4" key={`${part} ${version}`}>
            <div ref={form}>
              {action && at !== undefined ? (
                <ActionForm
                  action={action}
                  onChange={setAction}
                  onRemove={() => setAction(undefined)}
                  at={`/definition/actions/${at}`}
                  isNew={!isSaved(provider, action)}
                  picks={picks}
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
                  lines={24}
                  hint="Every setting there is, as docs/guides/custom-providers.md describes them."
                />
              ) : part === "settings" && provider ? (
                <ProviderSettings provider={provider} />
              ) : (
                <BasicsForm draft={draft} onChange={onChange} naming={naming} />
              )}
            </div>
          </Card>
          {provider && (action || part === "sign-in") && (
            <TryIt
              key={part}
              provider={provider}
              action={action}
              onChange={setAction}
              onPicked={() => setPicks(picks + 1)}
              dirty={dirty}
            />
          )}
        </div>
      </div>
    </RefusalsContext>
  );
}

const isSaved = (provider: CustomProviderView | undefined, action: Draft): boolean =>
  provider !== undefined && draftsAt(provider.definition, "actions").some(({ key }) => key === action.key);

const draftOf = (value: unknown): Draft =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};

const known = /^(basics|sign-in|json|settings|action-\d+)$/;
const isPart = (text: string): text is Part => known.test(text);

/** The part in the address. Going to another one closes the call that was shown for this one. */
function usePart(): [Part, (part: Part) => void] {
  const [written] = useSearchState("part", "basics");
  const navigate = useNavigate();
  const go = (part: Part) =>
    void navigate({
      to: ".",
      search: (before: PageSearch) => ({ ...before, part: part === "basics" ? undefined : part, call: undefined }),
      replace: true,
      resetScroll: false,
    });
  return [isPart(written) ? written : "basics", go];
}

/** After each refused attempt to save, the first wrong field has the focus, in whichever part it is. */
function useFirstRefusal(
  { errors, attempt }: Pick<EditorProps, "errors" | "attempt">,
  part: Part,
  go: (part: Part) => void,
  form: RefObject<HTMLDivElement | null>,
) {
  const led = useRef(0);
  useEffect(() => {
    const [first] = errors;
    if (attempt === led.current || !first) return;
    if (errors.some(({ pointer }) => partOf(pointer) === part)) {
      led.current = attempt;
      form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
    } else {
      go(partOf(first.pointer));
    }
  });
}
