import { Dialog as Base } from "@base-ui/react/dialog";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { Command } from "cmdk";
import {
  ArrowLeftRight,
  Blocks,
  Cable,
  FileUp,
  FolderSync,
  KeyRound,
  Lock,
  LogOut,
  type LucideIcon,
  Monitor,
  Moon,
  Play,
  Plus,
  Search,
  Server,
  Sun,
  UserRound,
  UserRoundPlus,
} from "lucide-react";
import { type ReactNode, useDeferredValue, useState } from "react";
import { hawser } from "../lib/api.ts";
import { keys } from "../lib/query.ts";
import { hasRole, useMe } from "../lib/session.ts";
import { chooseTheme } from "../lib/theme.ts";
import { Icon } from "../ui/icon.tsx";
import { ProviderGlyph } from "../ui/provider-glyph.tsx";
import { toast, toastError } from "../ui/toast.tsx";
import { useSignOut } from "./member-menu.tsx";
import { openOverlay } from "./open-overlay.ts";
import { sections } from "./sections.ts";
import { useGoToWorkspace } from "./workspace-switcher.tsx";

/** Find or do: pages, things by name, verbs; only what the role may do. */
export default function Palette({ onOpenChange }: { onOpenChange: (open: boolean) => void }) {
  const [text, setText] = useState("");
  return (
    <Base.Root open onOpenChange={(open) => onOpenChange(open)}>
      <Base.Portal>
        <Base.Backdrop className="veil fixed inset-0 z-40" />
        <Base.Popup
          aria-label="Find or do"
          className="layer-in fixed inset-x-0 top-[10dvh] z-40 mx-auto w-[calc(100%-32px)] max-w-150 overflow-hidden rounded-lg border border-border bg-card shadow-layer"
        >
          <Command label="Find or do" loop>
            <div className="flex items-center gap-2.5 border-b border-border px-4">
              <Icon icon={Search} className="text-muted" />
              <Command.Input
                autoFocus
                value={text}
                onValueChange={setText}
                placeholder="Find or do"
                className="h-11 w-full bg-transparent text-base outline-none"
              />
            </div>
            <Command.List className="max-h-[60dvh] scroll-py-2 overflow-y-auto p-2">
              <Command.Empty className="px-2 py-6 text-center text-muted">Nothing is called “{text}”.</Command.Empty>
              <Entries text={text} close={() => onOpenChange(false)} />
            </Command.List>
          </Command>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

function Entries({ text, close }: { text: string; close: () => void }) {
  const me = useMe();
  const navigate = useNavigate();
  const goToWorkspace = useGoToWorkspace();
  const signOut = useSignOut();
  const { workspace: slug } = useParams({ strict: false });
  const workspace = me.workspaces.find((one) => one.slug === slug || one.id === slug);
  const { syncs, connections } = useThings(workspace?.id, text);
  const may = (role: "member" | "admin") => workspace !== undefined && hasRole(workspace.role, role);

  const entry = (key: string, icon: LucideIcon, words: ReactNode, run: () => unknown, keywords: string[] = []) => (
    <Entry
      key={key}
      value={key}
      keywords={[...(typeof words === "string" ? [words] : []), ...keywords]}
      mark={<Icon icon={icon} className="text-muted" />}
      onSelect={() => {
        close();
        void run();
      }}
    >
      {words}
    </Entry>
  );

  const runNow = async (id: string, name: string) => {
    if (!workspace) return;
    try {
      await hawser.syncs.run({ workspace: workspace.id, id });
      toast(`“${name}” runs.`);
    } catch (error) {
      toastError(`“${name}” could not be started`, error);
    }
  };

  return (
    <>
      {workspace && (
        <Group heading="Pages">
          {sections.map((section) =>
            entry(`page ${section.name}`, section.icon, section.name, () =>
              navigate({ to: section.to, params: { workspace: workspace.slug } }),
            ),
          )}
          {may("member") &&
            entry(
              "page secrets",
              Lock,
              "Secrets",
              () => navigate({ to: "/w/$workspace/settings/secrets", params: { workspace: workspace.slug } }),
              ["settings"],
            )}
          {may("admin") &&
            entry(
              "page transfer",
              ArrowLeftRight,
              "Export and import",
              () => navigate({ to: "/w/$workspace/settings/transfer", params: { workspace: workspace.slug } }),
              ["settings yaml file"],
            )}
          {me.instance_admin &&
            entry("page instance", Server, "Instance", () => navigate({ to: "/admin" }), ["admin status"])}
          {entry("page me", UserRound, "Your account", () => navigate({ to: "/me" }), ["password sessions profile"])}
        </Group>
      )}
      {workspace && syncs.length > 0 && (
        <Group heading="Syncs">
          {syncs.map((sync) => (
            <Entry
              key={sync.id}
              value={`sync ${sync.id}`}
              keywords={[sync.name]}
              mark={<Icon icon={FolderSync} className="text-muted" />}
              onSelect={() => {
                close();
                void navigate({
                  to: "/w/$workspace/syncs/$sync",
                  params: { workspace: workspace.slug, sync: sync.id },
                });
              }}
            >
              {sync.name}
            </Entry>
          ))}
          {may("member") &&
            syncs.map((sync) =>
              entry(`run ${sync.id}`, Play, `Sync “${sync.name}” now`, () => runNow(sync.id, sync.name), ["run start"]),
            )}
        </Group>
      )}
      {workspace && connections.length > 0 && (
        <Group heading="Connections">
          {connections.map((connection) => (
            <Entry
              key={connection.id}
              value={`connection ${connection.id}`}
              keywords={[connection.name, connection.provider]}
              mark={<ProviderGlyph id={connection.provider} name={connection.provider} size="small" />}
              onSelect={() => {
                close();
                void navigate({
                  to: "/w/$workspace/connections/$connection",
                  params: { workspace: workspace.slug, connection: connection.id },
                });
              }}
            >
              {connection.name}
            </Entry>
          ))}
        </Group>
      )}
      <Group heading="Do">
        {workspace &&
          may("member") &&
          entry("do new sync", Plus, "New sync", () =>
            navigate({ to: "/w/$workspace/syncs/new", params: { workspace: workspace.slug } }),
          )}
        {workspace &&
          may("admin") &&
          entry(
            "do connect",
            Cable,
            "Connect something",
            () => navigate({ to: "/w/$workspace/catalog", params: { workspace: workspace.slug } }),
            ["new connection"],
          )}
        {workspace &&
          may("admin") &&
          entry(
            "do new provider",
            Blocks,
            "New provider",
            () => navigate({ to: "/w/$workspace/providers/new", params: { workspace: workspace.slug } }),
            ["custom api"],
          )}
        {workspace &&
          may("admin") &&
          entry(
            "do import openapi",
            FileUp,
            "Import OpenAPI",
            () => navigate({ to: "/w/$workspace/providers/import", params: { workspace: workspace.slug } }),
            ["custom provider swagger"],
          )}
        {workspace &&
          may("admin") &&
          entry("do new secret", Lock, "New secret", () =>
            navigate({
              to: "/w/$workspace/settings/secrets",
              params: { workspace: workspace.slug },
              search: { secret: "new" },
            }),
          )}
        {workspace &&
          may("admin") &&
          entry("do invite", UserRoundPlus, "Invite a member", () =>
            navigate({
              to: "/w/$workspace/settings/members",
              params: { workspace: workspace.slug },
              search: { invite: "open" },
            }),
          )}
        {workspace &&
          may("admin") &&
          entry("do key", KeyRound, "New API key", () =>
            navigate({
              to: "/w/$workspace/settings/api-keys",
              params: { workspace: workspace.slug },
              search: { create: "open" },
            }),
          )}
        {entry("do new workspace", Plus, "New workspace", () => openOverlay("new-workspace"))}
        {entry("do light", Sun, "Light theme", () => chooseTheme("light"))}
        {entry("do dark", Moon, "Dark theme", () => chooseTheme("dark"))}
        {entry("do system", Monitor, "Theme as the system", () => chooseTheme("system"))}
        {entry("do sign out", LogOut, "Sign out", signOut)}
      </Group>
      {me.workspaces.length > 1 && (
        <Group heading="Workspaces">
          {me.workspaces.map((one) => (
            <Entry
              key={one.id}
              value={`workspace ${one.id}`}
              keywords={[one.name]}
              mark={<ProviderGlyph id={one.id} name={one.name} size="small" />}
              onSelect={() => {
                close();
                goToWorkspace(one.slug);
              }}
            >
              {one.name}
            </Entry>
          ))}
        </Group>
      )}
    </>
  );
}

function Group({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <Command.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-muted"
    >
      {children}
    </Command.Group>
  );
}

interface EntryProps {
  value: string;
  keywords: string[];
  mark: ReactNode;
  onSelect: () => void;
  children: ReactNode;
}

function Entry({ value, keywords, mark, onSelect, children }: EntryProps) {
  return (
    <Command.Item
      value={value}
      keywords={keywords}
      onSelect={onSelect}
      className="flex min-h-9 cursor-pointer items-center gap-2.5 rounded-sm px-2 py-1 data-[selected=true]:bg-hover pointer-coarse:min-h-11"
    >
      <span className="grid w-5.5 place-items-center">{mark}</span>
      <span className="min-w-0 truncate">{children}</span>
    </Command.Item>
  );
}

/** Things of the workspace by name; the server searches, so that thousands are found as well as ten. */
function useThings(workspace: string | undefined, text: string) {
  const search = useDeferredValue(text.trim());
  const filter = { limit: 8, ...(search ? { search } : {}) };
  const syncs = useQuery({
    queryKey: keys.syncList(workspace ?? "", filter),
    queryFn: ({ signal }) => hawser.syncs.list({ workspace: workspace ?? "" }, filter, { signal }),
    enabled: workspace !== undefined,
    placeholderData: keepPreviousData,
  });
  const connections = useQuery({
    queryKey: keys.connectionList(workspace ?? "", filter),
    queryFn: ({ signal }) => hawser.connections.list({ workspace: workspace ?? "" }, filter, { signal }),
    enabled: workspace !== undefined,
    placeholderData: keepPreviousData,
  });
  return { syncs: syncs.data?.items ?? [], connections: connections.data?.items ?? [] };
}
