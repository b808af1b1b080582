import type { Body, Reply } from "@hawser/sdk";

/** The shapes of the API under the names that pages use. Types only. */
export type { Body, LiveEvent, Query, Reply } from "@hawser/sdk";

type Item<List> = List extends { items: (infer One)[] } ? One : never;

export type Me = Reply<"identity.me">;
export type Session = Item<Reply<"identity.sessions">>;
export type Role = Me["workspaces"][number]["role"];

export type Member = Item<Reply<"members.list">>;
export type Invitation = Item<Reply<"invitations.list">>;
export type InvitationPreview = Reply<"invitations.lookUp">;
export type ApiKey = Item<Reply<"apiKeys.list">>;
export type AuditEntry = Item<Reply<"audit.list">>;
export type ActivityEntry = Item<Reply<"activity.list">>;

export type CustomProviderView = Reply<"providers.get">;
export type OpenapiImport = Reply<"providers.importOpenapi">;
export type ImportChange = Reply<"transfer.import">["changes"][number];
export type SecretView = Item<Reply<"secrets.list">>;

export type ProviderView = Item<Reply<"catalog.list">>;
export type SignIn = ProviderView["sign_in"][number];
export type AuthType = SignIn["type"];
export type ConnectionView = Reply<"connections.get">;
export type ConnectionCheck = Item<Reply<"connections.checks">>;
export type ConnectionUsage = Reply<"connections.usage">;
export type OAuthClient = Reply<"oauthClients.get">;
export type ActionView = Item<Reply<"connections.actions">>;
export type CallView = Reply<"connections.getCall">;
export type CheckResult = Reply<"connections.test">;

export type SyncView = Reply<"syncs.get">;
export type NewSync = Body<"syncs.create">;
export type SyncChange = Body<"syncs.update">;
export type Schedule = SyncView["schedule"];
export type FolderChoice = SyncView["folders"][number];
export type Filters = SyncView["filters"];
export type MetadataRule = SyncView["rules"][number];
export type Destination = SyncView["destination"];
export type SelectionPreview = Reply<"syncs.preview">;
export type SyncRun = Reply<"syncRuns.get">;
export type RunLogLine = Item<Reply<"syncRuns.log">>;
export type FilePage = Reply<"files.list">;
export type FileView = Item<FilePage>;
export type FileDetail = Reply<"files.get">;
export type Verification = Reply<"syncs.verify">;
export type Difference = Verification["differences"][number];
export type FileEvent = Item<Reply<"files.history">>;
export type HandoffChoice = NonNullable<NewSync["handoff"]> | null;
export type HandoffView = Item<Reply<"handoffs.list">>;
export type HandoffCounts = Reply<"handoffs.list">["counts"];
export type DestinationTest = Reply<"destinations.test">;
export type Home = Reply<"workspaces.home">;
export type Attention = Home["attention"][number];

export type InstanceStatus = Reply<"instance.status">;
export type InstanceWorkspace = Item<Reply<"instance.workspaces">>;
