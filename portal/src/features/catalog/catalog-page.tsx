import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { FileUp, FlaskConical, Plus } from "lucide-react";
import { ApiError } from "../../lib/api.ts";
import { catalogQuery } from "../../lib/catalog.ts";
import { cn } from "../../lib/cn.ts";
import type { ProviderView } from "../../lib/contract.ts";
import { formatAmount } from "../../lib/format.ts";
import { useClearSearch, useSearchState } from "../../lib/search-state.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { useSearchText } from "../../lib/use-search-text.ts";
import { Button, ButtonLink } from "../../ui/button.tsx";
import { GuardedLink } from "../../ui/guarded-link.tsx";
import { SearchInput } from "../../ui/input.tsx";
import { OutsideLink } from "../../ui/link.tsx";
import { Note } from "../../ui/note.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import { EmptyState, FailedState, NothingMatches } from "../../ui/states.tsx";
import { Switch } from "../../ui/switch.tsx";
import { ConnectSheet } from "./connect-sheet.tsx";
import { ProviderCard } from "./provider-card.tsx";
import { categoryWord, signInWords } from "./words.ts";

/** Everything that can be connected, as cards; a card opens the sheet that connects it. */
export function CatalogPage() {
  const workspace = useWorkspace();
  const { provider: open } = useParams({ strict: false });
  const navigate = useNavigate();
  const forbidden = useForbidden("admin");
  const [wish, setWish] = useSearchState("sandbox");
  const { data, error, refetch } = useQuery(catalogQuery(workspace.id, wish === "true"));
  const sandbox = wish === "true" && data?.sandbox.available === true;
  const opened = data?.items.find((one) => one.key === open);

  return (
    <>
      <PageHead
        title="Catalog"
        facts={
          data
            ? `${formatAmount(data.items.length, "provider")} can be connected to ${workspace.name}`
            : "What can be connected"
        }
        actions={
          <>
            {data?.sandbox.available && (
              <Switch checked={sandbox} onChange={(on) => setWish(on ? "true" : "")}>
                Sandbox
              </Switch>
            )}
            <GuardedLink forbidden={forbidden} icon={FileUp} text="Import OpenAPI">
              <ButtonLink icon={FileUp} to="/w/$workspace/providers/import" params={{ workspace: workspace.slug }}>
                Import OpenAPI
              </ButtonLink>
            </GuardedLink>
            <GuardedLink forbidden={forbidden} icon={Plus} text="New provider">
              <ButtonLink
                icon={Plus}
                to="/w/$workspace/providers/new"
                params={{ workspace: workspace.slug }}
                data-new=""
              >
                New provider
              </ButtonLink>
            </GuardedLink>
          </>
        }
      />
      {sandbox && (
        <Note icon={FlaskConical} tone="running">
          Simulators on this machine answer in place of the providers: connect, break and mend anything without an
          account. {data?.sandbox.address && <OutsideLink href={data.sandbox.address}>Play the providers</OutsideLink>}
        </Note>
      )}
      {isOff(error) && (
        <EmptyState
          icon={FlaskConical}
          title="The sandbox is off here"
          action={<Button onClick={() => setWish("")}>Show the providers</Button>}
        >
          This address leads to pretend providers, which this installation does not offer.
        </EmptyState>
      )}
      {error && !isOff(error) && !data && (
        <FailedState what="The catalog could not be loaded" error={error} onRetry={refetch} />
      )}
      {!error && !data && <CardSkeletons />}
      {data && <Cards providers={data.items} sandbox={sandbox} />}
      {opened && (
        <ConnectSheet
          key={`${opened.key} ${sandbox}`}
          provider={opened}
          sandbox={sandbox}
          sandboxAddress={data?.sandbox.address ?? null}
          onClose={() =>
            void navigate({
              to: "/w/$workspace/catalog",
              params: { workspace: workspace.slug },
              search: (before) => before,
            })
          }
        />
      )}
    </>
  );
}

const isOff = (error: unknown) => error instanceof ApiError && error.code === "sandbox_off";

function Cards({ providers, sandbox }: { providers: readonly ProviderView[]; sandbox: boolean }) {
  const [typed, type, asked] = useSearchText("q");
  const [category, setCategory] = useSearchState("category");
  const clear = useClearSearch("q", "category");
  const categories = [...new Set(providers.map((one) => one.category))];
  const words = asked.toLowerCase();
  const shown = providers.filter(
    (one) =>
      (category === "" || one.category === category) &&
      (words === "" || `${one.name} ${one.description} ${signInWords(one.sign_in)}`.toLowerCase().includes(words)),
  );

  if (providers.length === 0) {
    return (
      <EmptyState title="Nothing can be connected yet">
        This installation has no providers switched on. Whoever runs it can change that.
      </EmptyState>
    );
  }
  return (
    <>
      <div className="flex flex-wrap items-center gap-2">
        <SearchInput label="Search the catalog" value={typed} onChange={type} />
        {categories.length > 1 && (
          <fieldset className="flex flex-wrap gap-1">
            <legend className="sr-only">Category</legend>
            {["", ...categories].map((one) => (
              <button
                key={one}
                type="button"
                aria-pressed={category === one}
                onClick={() => setCategory(one)}
                className={cn(
                  "min-h-8 rounded-md border px-2.5 font-medium pointer-coarse:min-h-11",
                  category === one ? "border-primary bg-primary-soft" : "border-border bg-card hover:bg-hover",
                )}
              >
                {one === "" ? "All" : categoryWord(one)}
              </button>
            ))}
          </fieldset>
        )}
      </div>
      {shown.length === 0 ? (
        <NothingMatches
          onClear={() => {
            type("");
            clear();
          }}
        >
          No provider matches{asked && ` “${asked}”`}
          {category && ` in ${categoryWord(category)}`}.
        </NothingMatches>
      ) : (
        <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,300px),1fr))] gap-3">
          {shown.map((provider) => (
            <ProviderCard key={provider.key} provider={provider} sandbox={sandbox} />
          ))}
        </ul>
      )}
    </>
  );
}

function CardSkeletons() {
  return (
    <div
      role="status"
      aria-label="Loading the catalog"
      className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,300px),1fr))] gap-3"
    >
      {["a", "b", "c"].map((key) => (
        <div key={key} className="grid h-38 content-start gap-3 rounded-lg border border-border bg-card p-4">
          <Skeleton className="h-7 w-1/2" />
          <Skeleton className="w-full" />
          <Skeleton className="w-2/3" />
        </div>
      ))}
    </div>
  );
}
