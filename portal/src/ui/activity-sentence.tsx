import {
  Cable,
  FolderSync,
  Hand,
  KeyRound,
  LogIn,
  type LucideIcon,
  Settings,
  TriangleAlert,
  UserRound,
} from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "../lib/cn.ts";
import type { ActivityEntry } from "../lib/contract.ts";
import { formatAmount, formatCount } from "../lib/format.ts";
import { type Tone, toneText } from "./badge.tsx";
import { Icon } from "./icon.tsx";
import { Link } from "./link.tsx";
import { statuses } from "./status-badge.tsx";

/** What people did, as the middle of a sentence: "Ana connected Drive, Engineering". */
const verbs: Record<string, string> = {
  "user.signed_up": "made an account",
  "user.signed_in": "signed in",
  "user.signed_out": "signed out",
  "user.updated": "changed their name",
  "user.password_changed": "changed their password",
  "user.session_ended": "ended a session",
  "workspace.created": "made the workspace",
  "workspace.updated": "renamed the workspace to",
  "workspace.deleted": "deleted the workspace",
  "member.role_changed": "changed the role of",
  "member.removed": "removed",
  "member.left": "left the workspace",
  "invitation.created": "invited",
  "invitation.revoked": "took back the invitation of",
  "invitation.accepted": "joined the workspace",
  "api_key.created": "made the API key",
  "api_key.revoked": "revoked the API key",
  "connection.created": "connected",
  "connection.updated": "changed",
  "connection.deleted": "deleted",
  "connection.tested": "tested",
  "connection.config_tested": "tested a new connection",
  "connection.authorize_begun": "went to sign in for",
  "connection.connected": "signed in for",
  "connection.authorize_failed": "could not sign in for",
  "connection.credential_set": "replaced the credential of",
  "connection.disconnected": "disconnected",
  "connection.called": "tried a call of",
  "connection.authorization_lost": "found the sign-in gone of",
  "connection.mended": "found in order again",
  "connection.revocation_given_up": "could not take back the sign-in of",
  "oauth_client.set": "set the app for sign-ins at",
  "oauth_client.deleted": "forgot the app for sign-ins at",
  "provider.created": "made the provider",
  "provider.updated": "changed the provider",
  "provider.deleted": "deleted the provider",
  "secret.created": "made the secret",
  "secret.set": "replaced the value of the secret",
  "secret.deleted": "deleted the secret",
  "workspace.imported": "imported a file into the workspace",
  "sync.created": "made the sync",
  "sync.updated": "changed the sync",
  "sync.deleted": "deleted the sync",
  "sync.run_started": "started",
  "sync.paused": "paused",
  "sync.resumed": "resumed",
  "sync.run_cancelled": "cancelled the run of",
  "sync.retry_started": "retried the failed files of",
  "sync.removals_decided": "decided on the removals of",
  "sync.verified": "began to verify",
  "destination.tested": "tested a destination",
};

/** The same where it is not known whom or what it was done to. */
const verbsAlone: Record<string, string> = {
  "workspace.updated": "renamed the workspace",
  "member.role_changed": "changed a role",
  "member.removed": "removed a member",
  "invitation.created": "invited somebody",
  "invitation.revoked": "took back an invitation",
  "connection.updated": "changed a connection",
  "connection.deleted": "deleted a connection",
  "connection.tested": "tested a connection",
  "connection.authorize_begun": "went to sign in at a provider",
  "connection.disconnected": "disconnected an account",
  "sync.run_started": "started a sync",
};

/** What people do to themselves; naming them again would be odd. */
const ofOneself = /^(user\.|member\.left$|invitation\.accepted$)/;

/** What was done, in words, and the name of what it was done to, where that belongs behind them. */
export function actionWords(action: string, label: string | null | undefined): { words: string; label?: string } {
  const words = verbs[action] ?? action.replace(/^\w+\./, "").replaceAll("_", " ");
  if (ofOneself.test(action)) return { words };
  return label ? { words, label } : { words: verbsAlone[action] ?? words };
}

/** Ends of runs: the thing first, then what came of it. */
function runWords(entry: ActivityEntry): string {
  const { figures } = entry;
  const brought = (figures.created ?? 0) + (figures.updated ?? 0) + (figures.moved ?? 0) || (figures.files ?? 0);
  const failed = figures.failed ?? 0;
  const held = figures.held ?? 0;
  const said =
    brought > 0
      ? `synced ${formatAmount(brought, "file")}${held > 0 ? `, holds ${formatAmount(held, "removal")}` : ""}`
      : held > 0
        ? `holds ${formatAmount(held, "removal")}`
        : "found nothing new";
  switch (entry.action) {
    case "sync_run.failed":
      return "stopped before the end";
    case "sync_run.cancelled":
      return "was cancelled";
    case "sync_run.held":
      return `holds ${formatAmount(figures.held, "removal")}`;
    default:
      return failed > 0 ? `${said}, ${formatCount(failed)} failed` : said;
  }
}

interface Shape {
  icon: LucideIcon;
  tone: Tone;
}

function shapeOf(entry: ActivityEntry): Shape {
  if (entry.action === "sync_run.failed") return { icon: statuses.failed.icon, tone: "bad" };
  if (entry.action === "sync_run.held" || (entry.figures.held ?? 0) > 0) return { icon: Hand, tone: "warning" };
  if (entry.action === "sync_run.cancelled") return { icon: statuses.cancelled.icon, tone: "idle" };
  if (entry.action === "sync_run.done_with_failures") return { icon: TriangleAlert, tone: "warning" };
  if (entry.action.startsWith("sync_run.")) return { icon: statuses.done.icon, tone: "good" };
  if (entry.action === "connection.authorization_lost") {
    return { icon: statuses.needs_authorization.icon, tone: "bad" };
  }
  if (/^(connection|provider|oauth_client)\./.test(entry.action)) return { icon: Cable, tone: "idle" };
  if (entry.action.startsWith("sync.")) return { icon: FolderSync, tone: "idle" };
  if (/^(api_key|secret)\./.test(entry.action)) return { icon: KeyRound, tone: "idle" };
  if (entry.action.startsWith("workspace.")) return { icon: Settings, tone: "idle" };
  if (entry.action === "user.signed_in") return { icon: LogIn, tone: "idle" };
  return { icon: UserRound, tone: "idle" };
}

export function ActivityIcon({ entry, className }: { entry: ActivityEntry; className?: string }) {
  const { icon, tone } = shapeOf(entry);
  return <Icon icon={icon} className={cn(toneText[tone], className)} />;
}

/** One thing that happened, as a sentence whose nouns are links. `workspace` is the slug of the address. */
export function ActivitySentence({ entry, workspace }: { entry: ActivityEntry; workspace: string }) {
  const target = entry.target && <Target target={entry.target} workspace={workspace} />;
  if (entry.action.startsWith("sync_run.")) {
    return (
      <>
        {target ?? "A sync"} {runWords(entry)}
      </>
    );
  }
  const { words, label } = actionWords(entry.action, entry.target?.label);
  return (
    <>
      <span className="font-medium">{entry.actor ?? "Hawser"}</span> {words}
      {label && <> {target}</>}
    </>
  );
}

function Target({ target, workspace }: { target: NonNullable<ActivityEntry["target"]>; workspace: string }): ReactNode {
  const label = target.label ?? "something that is gone";
  if (target.id && target.label && target.kind === "sync") {
    return (
      <Link kind="thing" to="/w/$workspace/syncs/$sync" params={{ workspace, sync: target.id }}>
        {label}
      </Link>
    );
  }
  if (target.id && target.label && target.kind === "connection") {
    return (
      <Link kind="thing" to="/w/$workspace/connections/$connection" params={{ workspace, connection: target.id }}>
        {label}
      </Link>
    );
  }
  return <span className="font-medium wrap-anywhere">{label}</span>;
}
