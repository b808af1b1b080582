import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { queryClient } from "../lib/query.ts";
import type { PageSearch } from "../lib/search-state.ts";
import { lastWorkspace, meQuery, setupQuery } from "../lib/session.ts";
import { ErrorPage, NotFoundPage, OutsideErrorPage, OutsideNotFoundPage, PendingPage } from "./fallback-pages.tsx";
import { Root } from "./root.tsx";
import { Shell } from "./shell.tsx";

const root = createRootRoute({
  component: Root,
  errorComponent: OutsideErrorPage,
  notFoundComponent: OutsideNotFoundPage,
  // A value that was taken out arrives as undefined; it must not become the word.
  validateSearch: (search: Record<string, unknown>): PageSearch =>
    Object.fromEntries(
      Object.entries(search).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
    ),
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  beforeLoad: async () => {
    const { first_user } = await queryClient.ensureQueryData(setupQuery);
    if (first_user) throw redirect({ to: "/sign-up" });
  },
  component: lazyRouteComponent(() => import("../features/session/sign-in-page.tsx"), "SignInPage"),
});
const signUp = createRoute({
  getParentRoute: () => root,
  path: "/sign-up",
  loader: () => queryClient.ensureQueryData(setupQuery),
  component: lazyRouteComponent(() => import("../features/session/sign-up-page.tsx"), "SignUpPage"),
});
const invite = createRoute({
  getParentRoute: () => root,
  path: "/invite/$token",
  component: lazyRouteComponent(() => import("../features/session/invite-page.tsx"), "InvitePage"),
});

/** Where a provider's answer leads that belongs to no connection. */
const connectFailed = createRoute({
  getParentRoute: () => root,
  path: "/connect-failed",
  component: lazyRouteComponent(() => import("../features/session/connect-failed-page.tsx"), "ConnectFailedPage"),
});

/** Everything below waits for the signed-in person; without one it leads to sign-in and back. */
const signedIn = createRoute({
  getParentRoute: () => root,
  id: "signed-in",
  beforeLoad: async ({ location }) => {
    const me = await queryClient.ensureQueryData(meQuery);
    if (me) return { me };
    const { first_user } = await queryClient.ensureQueryData(setupQuery);
    if (first_user) throw redirect({ to: "/sign-up" });
    throw redirect({ to: "/sign-in", search: location.href === "/" ? {} : { next: location.href } });
  },
});

const start = createRoute({
  getParentRoute: () => signedIn,
  path: "/",
  beforeLoad: ({ context }) => {
    const workspace = lastWorkspace(context.me);
    if (workspace) throw redirect({ to: "/w/$workspace", params: { workspace } });
  },
  component: lazyRouteComponent(() => import("../features/session/first-workspace-page.tsx"), "FirstWorkspacePage"),
});

const workspace = createRoute({
  getParentRoute: () => signedIn,
  path: "/w/$workspace",
  component: Shell,
  notFoundComponent: NotFoundPage,
});
const outside = createRoute({ getParentRoute: () => signedIn, id: "outside", component: Shell });

const me = createRoute({
  getParentRoute: () => outside,
  path: "/me",
  component: lazyRouteComponent(() => import("../features/me/me-page.tsx"), "MePage"),
});
const admin = createRoute({
  getParentRoute: () => outside,
  path: "/admin",
  component: lazyRouteComponent(() => import("../features/admin/status-page.tsx"), "StatusPage"),
});

const home = createRoute({
  getParentRoute: () => workspace,
  path: "/",
  component: lazyRouteComponent(() => import("../features/home/home-page.tsx"), "HomePage"),
});
const catalogPage = lazyRouteComponent(() => import("../features/catalog/catalog-page.tsx"), "CatalogPage");
const catalog = createRoute({ getParentRoute: () => workspace, path: "/catalog", component: catalogPage });
/** The same page with one card's sheet open. */
const catalogProvider = createRoute({
  getParentRoute: () => workspace,
  path: "/catalog/$provider",
  component: catalogPage,
});
const providerPage = lazyRouteComponent(() => import("../features/providers/provider-page.tsx"), "ProviderPage");
const newProvider = createRoute({ getParentRoute: () => workspace, path: "/providers/new", component: providerPage });
const importProvider = createRoute({
  getParentRoute: () => workspace,
  path: "/providers/import",
  component: lazyRouteComponent(() => import("../features/providers/import-page.tsx"), "ImportPage"),
});
const provider = createRoute({
  getParentRoute: () => workspace,
  path: "/providers/$provider",
  component: providerPage,
});
const connections = createRoute({
  getParentRoute: () => workspace,
  path: "/connections",
  component: lazyRouteComponent(() => import("../features/connections/connections-page.tsx"), "ConnectionsPage"),
});
const connection = createRoute({
  getParentRoute: () => workspace,
  path: "/connections/$connection",
  component: lazyRouteComponent(() => import("../features/connections/connection-page.tsx"), "ConnectionPage"),
});
const syncs = createRoute({
  getParentRoute: () => workspace,
  path: "/syncs",
  component: lazyRouteComponent(() => import("../features/syncs/syncs-page.tsx"), "SyncsPage"),
});
const syncWizard = createRoute({
  getParentRoute: () => workspace,
  path: "/syncs/new",
  component: lazyRouteComponent(() => import("../features/syncs/sync-wizard-page.tsx"), "SyncWizardPage"),
});
const sync = createRoute({
  getParentRoute: () => workspace,
  path: "/syncs/$sync",
  component: lazyRouteComponent(() => import("../features/syncs/sync-page.tsx"), "SyncPage"),
});
const syncRun = createRoute({
  getParentRoute: () => workspace,
  path: "/syncs/$sync/runs/$run",
  component: lazyRouteComponent(() => import("../features/syncs/sync-run-page.tsx"), "SyncRunPage"),
});
const file = createRoute({
  getParentRoute: () => workspace,
  path: "/syncs/$sync/files/$file",
  component: lazyRouteComponent(() => import("../features/syncs/file-page.tsx"), "FilePage"),
});
const activity = createRoute({
  getParentRoute: () => workspace,
  path: "/activity",
  component: lazyRouteComponent(() => import("../features/activity/activity-page.tsx"), "ActivityPage"),
});
const audit = createRoute({
  getParentRoute: () => workspace,
  path: "/activity/audit",
  component: lazyRouteComponent(() => import("../features/activity/audit-page.tsx"), "AuditPage"),
});
const settings = createRoute({
  getParentRoute: () => workspace,
  path: "/settings",
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/w/$workspace/settings/members", params, replace: true });
  },
});
const members = createRoute({
  getParentRoute: () => workspace,
  path: "/settings/members",
  component: lazyRouteComponent(() => import("../features/settings/members-page.tsx"), "MembersPage"),
});
const apiKeys = createRoute({
  getParentRoute: () => workspace,
  path: "/settings/api-keys",
  component: lazyRouteComponent(() => import("../features/settings/api-keys-page.tsx"), "ApiKeysPage"),
});
const secrets = createRoute({
  getParentRoute: () => workspace,
  path: "/settings/secrets",
  component: lazyRouteComponent(() => import("../features/settings/secrets-page.tsx"), "SecretsPage"),
});
const transfer = createRoute({
  getParentRoute: () => workspace,
  path: "/settings/transfer",
  component: lazyRouteComponent(() => import("../features/settings/transfer-page.tsx"), "TransferPage"),
});
const workspaceSettings = createRoute({
  getParentRoute: () => workspace,
  path: "/settings/workspace",
  component: lazyRouteComponent(() => import("../features/settings/workspace-page.tsx"), "WorkspacePage"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    signUp,
    invite,
    connectFailed,
    signedIn.addChildren([
      start,
      outside.addChildren([me, admin]),
      workspace.addChildren([
        home,
        catalog,
        catalogProvider,
        newProvider,
        importProvider,
        provider,
        connections,
        connection,
        syncs,
        syncWizard,
        sync,
        syncRun,
        file,
        activity,
        audit,
        settings,
        members,
        apiKeys,
        secrets,
        transfer,
        workspaceSettings,
      ]),
    ]),
  ]),
  defaultPreload: "intent",
  scrollRestoration: true,
  defaultPendingComponent: PendingPage,
  defaultPendingMs: 150,
  defaultErrorComponent: ErrorPage,
  defaultNotFoundComponent: NotFoundPage,
  // Values in the address stay plain words: `?tab=problems`, not `?tab=%22problems%22`.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const kept = Object.entries(search).filter(([, value]) => value !== undefined && value !== "");
    const text = new URLSearchParams(kept.map(([key, value]) => [key, String(value)])).toString();
    return text ? `?${text}` : "";
  },
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
