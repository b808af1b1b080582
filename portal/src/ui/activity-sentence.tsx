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
  "connection.deleted": "disconnected",
  "connection.tested": "tested",
  "connection.config_tested": "tested a new connection",
  "sync.created": "made the sync",
  "sync.updated": "changed the sync",
  "sync.deleted": "deleted the sync",
  "sync.run_started": "started",
  "sync.paused": "paused",
  "sync.resumed": "resumed",
  "sync.run_cancelled": "cancelled the run of",
  "sync.retry_started": "retried the failed files of",
  "sync.removals_decided": "decided on the removals of",
  "destination.tested": "tested a destination",
};

/** `sync.run_started` → what people did, in words; unknown ones as readable as their name allows. */
export const actionWords = (action: string) => verbs[action] ?? action.replace(/^\w+\./, "").replaceAll("_", " ");

/** Ends of runs: the thing first, then what came of it. */
function runWords(entry: ActivityEntry): string {
  const { figures } = entry;
  const brought = (figures.created ?? 0) + (figures.updated ?? 0) + (figures.moved ?? 0) || (figures.files ?? 0);
  const failed = figures.failed ?? 0;
  const said = brought === 0 ? "found nothing new" : `synced ${formatAmount(brought, "file")}`;
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
  if (entry.action.startsWith("connection.")) return { icon: Cable, tone: "idle" };
  if (entry.action.startsWith("sync.")) return { icon: FolderSync, tone: "idle" };
  if (entry.action.startsWith("api_key.")) return { icon: KeyRound, tone: "idle" };
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
  // People who only act on themselves would be named twice.
  const aboutSelf = entry.target?.kind === "user" && entry.target.label === entry.actor;
  return (
    <>
      <span className="font-medium">{entry.actor ?? "Hawser"}</span> {actionWords(entry.action)}
      {target && !aboutSelf && <> {target}</>}
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
