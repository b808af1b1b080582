import { useQuery } from "@tanstack/react-query";
import { catalogQuery } from "../../../lib/catalog.ts";
import type { ConnectionView } from "../../../lib/contract.ts";
import { useWorkspace } from "../../../lib/session.ts";
import { Combobox } from "../../../ui/combobox.tsx";
import { Field } from "../../../ui/field.tsx";
import { ProviderGlyph } from "../../../ui/provider-glyph.tsx";
import { type Status, StatusBadge } from "../../../ui/status-badge.tsx";
import { MendConnection } from "../mend-button.tsx";

const states: Record<ConnectionView["status"], { status: Status; label: string }> = {
  active: { status: "active", label: "In order" },
  error: { status: "failed", label: "Does not work" },
  needs_authorization: { status: "needs_authorization", label: "Needs authorization" },
  inactive: { status: "inactive", label: "Not connected" },
};

export interface ConnectionChoiceProps {
  value: string;
  onChange: (connection: string) => void;
  connections: readonly ConnectionView[];
}

/** Where from: each connection with its provider, its account and how it is. */
export function ConnectionChoice({ value, onChange, connections }: ConnectionChoiceProps) {
  const workspace = useWorkspace();
  const { data: catalog } = useQuery(catalogQuery(workspace.id));
  const nameOf = (provider: string) => catalog?.items.find(({ key }) => key === provider)?.name ?? provider;
  const chosen = connections.find(({ id }) => id === value);
  return (
    <div className="grid content-start gap-1.5">
      <Field label="From" error={chosen && chosen.status !== "active" ? brokenWords[chosen.status] : undefined}>
        <Combobox
          value={value}
          onChange={onChange}
          placeholder="Choose a connection…"
          empty="No connection is called that."
          options={connections.map((one) => ({
            value: one.id,
            label: one.name,
            glyph: <ProviderGlyph id={one.provider} name={nameOf(one.provider)} size="small" />,
            note: (
              <>
                <StatusBadge {...states[one.status]} className="shrink-0" />
                <span className="min-w-0 truncate">
                  {nameOf(one.provider)}
                  {one.account && ` · ${one.account.label}`}
                </span>
              </>
            ),
          }))}
        />
      </Field>
      {chosen && (
        <div className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1 text-xs text-muted">
          <StatusBadge {...states[chosen.status]} />
          <span className="min-w-0 truncate">
            {nameOf(chosen.provider)}
            {chosen.account && ` · ${chosen.account.label}`}
          </span>
          {chosen.status !== "active" && (
            <span className="ml-auto">
              <MendConnection connection={chosen.id} />
            </span>
          )}
        </div>
      )}
    </div>
  );
}

const brokenWords: Record<Exclude<ConnectionView["status"], "active">, string> = {
  error: "It did not work the last time. What is wrong stands on its page.",
  needs_authorization: "Its sign-in is no longer accepted.",
  inactive: "Nobody has signed in with it yet.",
};
