// Made by generate-routes.ts from src/api/contract; a test compares the two.
import type * as calls from "../../src/api/contract/calls.ts";
import type * as catalog from "../../src/api/contract/catalog.ts";
import type * as connections from "../../src/api/contract/connections.ts";
import type * as handoffs from "../../src/api/contract/handoffs.ts";
import type * as identity from "../../src/api/contract/identity.ts";
import type * as instance from "../../src/api/contract/instance.ts";
import type * as oauthClients from "../../src/api/contract/oauth-clients.ts";
import type * as providers from "../../src/api/contract/providers.ts";
import type * as secrets from "../../src/api/contract/secrets.ts";
import type * as syncs from "../../src/api/contract/syncs.ts";
import type * as transfer from "../../src/api/contract/transfer.ts";
import type * as workspaces from "../../src/api/contract/workspaces.ts";

/** What a client must know to call a route. */
export interface RouteFacts {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Below /api/v1, with parameters as `{name}`. */
  readonly path: string;
  readonly query?: true;
  readonly body?: true;
  readonly idempotent?: true;
  readonly stream?: true;
}

/** Each route's declaration, by its name. Types only: nothing of it is there when the program runs. */
export interface Contract {
  "activity.list": typeof workspaces.listActivity;
  "apiKeys.create": typeof workspaces.createApiKey;
  "apiKeys.list": typeof workspaces.listApiKeys;
  "apiKeys.revoke": typeof workspaces.revokeApiKey;
  "audit.list": typeof workspaces.listAudit;
  "audit.verify": typeof workspaces.verifyAudit;
  "catalog.list": typeof catalog.listProviders;
  "connections.actions": typeof calls.listActions;
  "connections.authorize": typeof connections.authorizeConnection;
  "connections.browse": typeof connections.browse;
  "connections.call": typeof calls.callConnection;
  "connections.calls": typeof calls.listCalls;
  "connections.checks": typeof connections.connectionChecks;
  "connections.create": typeof connections.createConnection;
  "connections.delete": typeof connections.deleteConnection;
  "connections.disconnect": typeof connections.disconnectConnection;
  "connections.drives": typeof connections.listDrives;
  "connections.findFolders": typeof connections.findFolders;
  "connections.get": typeof connections.getConnection;
  "connections.getCall": typeof calls.getCall;
  "connections.list": typeof connections.listConnections;
  "connections.setCredential": typeof connections.setCredential;
  "connections.test": typeof connections.testConnection;
  "connections.testConfig": typeof connections.testConfig;
  "connections.update": typeof connections.updateConnection;
  "connections.usage": typeof connections.connectionUsage;
  "destinations.list": typeof syncs.listDestinations;
  "destinations.test": typeof syncs.testDestination;
  "drafts.discard": typeof workspaces.discardDraft;
  "drafts.get": typeof workspaces.getDraft;
  "drafts.save": typeof workspaces.saveDraft;
  "files.get": typeof syncs.getFile;
  "files.history": typeof syncs.fileHistory;
  "files.list": typeof syncs.listFiles;
  "handoffs.handStoredOver": typeof handoffs.handStoredOver;
  "handoffs.list": typeof handoffs.listHandoffs;
  "handoffs.makeResultAddress": typeof handoffs.makeResultAddress;
  "handoffs.replay": typeof handoffs.replayHandoffs;
  "identity.changePassword": typeof identity.changePassword;
  "identity.endSession": typeof identity.endSession;
  "identity.me": typeof identity.getMe;
  "identity.sessions": typeof identity.listSessions;
  "identity.setup": typeof identity.setup;
  "identity.signIn": typeof identity.signIn;
  "identity.signOut": typeof identity.signOut;
  "identity.signUp": typeof identity.signUp;
  "identity.updateMe": typeof identity.updateMe;
  "instance.status": typeof instance.instanceStatus;
  "instance.workspaces": typeof instance.listInstanceWorkspaces;
  "invitations.accept": typeof workspaces.acceptInvitation;
  "invitations.create": typeof workspaces.createInvitation;
  "invitations.list": typeof workspaces.listInvitations;
  "invitations.lookUp": typeof workspaces.lookUpInvitation;
  "invitations.revoke": typeof workspaces.revokeInvitation;
  "members.leave": typeof workspaces.leaveWorkspace;
  "members.list": typeof workspaces.listMembers;
  "members.remove": typeof workspaces.removeMember;
  "members.update": typeof workspaces.updateMember;
  "names.check": typeof connections.checkName;
  "oauthClients.delete": typeof oauthClients.deleteOAuthClient;
  "oauthClients.get": typeof oauthClients.getOAuthClient;
  "oauthClients.set": typeof oauthClients.setOAuthClient;
  "providers.create": typeof providers.createProvider;
  "providers.delete": typeof providers.deleteProvider;
  "providers.get": typeof providers.getProvider;
  "providers.importOpenapi": typeof providers.importOpenapi;
  "providers.list": typeof providers.listCustomProviders;
  "providers.update": typeof providers.updateProvider;
  "schedules.preview": typeof syncs.upcomingTicks;
  "secrets.create": typeof secrets.createSecret;
  "secrets.delete": typeof secrets.deleteSecret;
  "secrets.list": typeof secrets.listSecrets;
  "secrets.set": typeof secrets.setSecret;
  "syncRuns.get": typeof syncs.getRun;
  "syncRuns.list": typeof syncs.listRuns;
  "syncRuns.log": typeof syncs.runLog;
  "syncs.cancel": typeof syncs.cancelRun;
  "syncs.create": typeof syncs.createSync;
  "syncs.decideRemovals": typeof syncs.decideRemovals;
  "syncs.delete": typeof syncs.deleteSync;
  "syncs.get": typeof syncs.getSync;
  "syncs.list": typeof syncs.listSyncs;
  "syncs.pause": typeof syncs.pauseSync;
  "syncs.preview": typeof syncs.previewSelection;
  "syncs.problems": typeof syncs.listProblems;
  "syncs.resume": typeof syncs.resumeSync;
  "syncs.retryFailed": typeof syncs.retryFailed;
  "syncs.run": typeof syncs.runSync;
  "syncs.update": typeof syncs.updateSync;
  "syncs.verification": typeof syncs.getVerification;
  "syncs.verify": typeof syncs.verifySync;
  "transfer.export": typeof transfer.exportWorkspace;
  "transfer.import": typeof transfer.importWorkspace;
  "workspaces.create": typeof workspaces.createWorkspace;
  "workspaces.delete": typeof workspaces.deleteWorkspace;
  "workspaces.get": typeof workspaces.getWorkspace;
  "workspaces.home": typeof syncs.home;
  "workspaces.list": typeof workspaces.listWorkspaces;
  "workspaces.live": typeof syncs.live;
  "workspaces.update": typeof workspaces.updateWorkspace;
}

export const routes: Readonly<Record<keyof Contract, RouteFacts>> = {
  "activity.list": { method: "GET", path: "/workspaces/{workspace}/activity", query: true },
  "apiKeys.create": { method: "POST", path: "/workspaces/{workspace}/api-keys", body: true },
  "apiKeys.list": { method: "GET", path: "/workspaces/{workspace}/api-keys" },
  "apiKeys.revoke": { method: "DELETE", path: "/workspaces/{workspace}/api-keys/{id}" },
  "audit.list": { method: "GET", path: "/workspaces/{workspace}/audit", query: true },
  "audit.verify": { method: "GET", path: "/workspaces/{workspace}/audit/verify" },
  "catalog.list": { method: "GET", path: "/workspaces/{workspace}/catalog", query: true },
  "connections.actions": { method: "GET", path: "/workspaces/{workspace}/connections/{id}/actions" },
  "connections.authorize": { method: "POST", path: "/workspaces/{workspace}/connections/{id}/authorize", body: true },
  "connections.browse": { method: "GET", path: "/workspaces/{workspace}/connections/{id}/browse", query: true },
  "connections.call": {
    method: "POST",
    path: "/workspaces/{workspace}/connections/{id}/calls",
    body: true,
    idempotent: true,
  },
  "connections.calls": { method: "GET", path: "/workspaces/{workspace}/connections/{id}/calls", query: true },
  "connections.checks": { method: "GET", path: "/workspaces/{workspace}/connections/{id}/checks", query: true },
  "connections.create": { method: "POST", path: "/workspaces/{workspace}/connections", body: true, idempotent: true },
  "connections.delete": { method: "DELETE", path: "/workspaces/{workspace}/connections/{id}" },
  "connections.disconnect": { method: "POST", path: "/workspaces/{workspace}/connections/{id}/disconnect" },
  "connections.drives": { method: "GET", path: "/workspaces/{workspace}/connections/{id}/drives", query: true },
  "connections.findFolders": { method: "GET", path: "/workspaces/{workspace}/connections/{id}/folders", query: true },
  "connections.get": { method: "GET", path: "/workspaces/{workspace}/connections/{id}" },
  "connections.getCall": { method: "GET", path: "/workspaces/{workspace}/calls/{id}" },
  "connections.list": { method: "GET", path: "/workspaces/{workspace}/connections", query: true },
  "connections.setCredential": {
    method: "POST",
    path: "/workspaces/{workspace}/connections/{id}/credential",
    body: true,
  },
  "connections.test": { method: "POST", path: "/workspaces/{workspace}/connections/{id}/test" },
  "connections.testConfig": { method: "POST", path: "/workspaces/{workspace}/connections/test", body: true },
  "connections.update": { method: "PATCH", path: "/workspaces/{workspace}/connections/{id}", body: true },
  "connections.usage": { method: "GET", path: "/workspaces/{workspace}/connections/{id}/usage", query: true },
  "destinations.list": { method: "GET", path: "/workspaces/{workspace}/destinations" },
  "destinations.test": { method: "POST", path: "/workspaces/{workspace}/destinations/test", body: true },
  "drafts.discard": { method: "DELETE", path: "/workspaces/{workspace}/drafts/sync" },
  "drafts.get": { method: "GET", path: "/workspaces/{workspace}/drafts/sync" },
  "drafts.save": { method: "POST", path: "/workspaces/{workspace}/drafts/sync", body: true },
  "files.get": { method: "GET", path: "/workspaces/{workspace}/syncs/{sync}/files/{id}" },
  "files.history": { method: "GET", path: "/workspaces/{workspace}/syncs/{sync}/files/{id}/history" },
  "files.list": { method: "GET", path: "/workspaces/{workspace}/syncs/{id}/files", query: true },
  "handoffs.handStoredOver": { method: "POST", path: "/workspaces/{workspace}/syncs/{id}/handoffs/stored", body: true },
  "handoffs.list": { method: "GET", path: "/workspaces/{workspace}/syncs/{id}/handoffs", query: true },
  "handoffs.makeResultAddress": {
    method: "POST",
    path: "/workspaces/{workspace}/connections/{id}/result-address",
    body: true,
  },
  "handoffs.replay": { method: "POST", path: "/workspaces/{workspace}/syncs/{id}/handoffs/replay", body: true },
  "identity.changePassword": { method: "POST", path: "/me/password", body: true },
  "identity.endSession": { method: "DELETE", path: "/me/sessions/{id}" },
  "identity.me": { method: "GET", path: "/me" },
  "identity.sessions": { method: "GET", path: "/me/sessions" },
  "identity.setup": { method: "GET", path: "/setup" },
  "identity.signIn": { method: "POST", path: "/sign-in", body: true },
  "identity.signOut": { method: "POST", path: "/sign-out" },
  "identity.signUp": { method: "POST", path: "/sign-up", body: true },
  "identity.updateMe": { method: "PATCH", path: "/me", body: true },
  "instance.status": { method: "GET", path: "/admin/status" },
  "instance.workspaces": { method: "GET", path: "/admin/workspaces" },
  "invitations.accept": { method: "POST", path: "/invitations/accept", body: true },
  "invitations.create": { method: "POST", path: "/workspaces/{workspace}/invitations", body: true },
  "invitations.list": { method: "GET", path: "/workspaces/{workspace}/invitations" },
  "invitations.lookUp": { method: "POST", path: "/invitations/look-up", body: true },
  "invitations.revoke": { method: "DELETE", path: "/workspaces/{workspace}/invitations/{id}" },
  "members.leave": { method: "POST", path: "/workspaces/{workspace}/leave" },
  "members.list": { method: "GET", path: "/workspaces/{workspace}/members" },
  "members.remove": { method: "DELETE", path: "/workspaces/{workspace}/members/{id}" },
  "members.update": { method: "PATCH", path: "/workspaces/{workspace}/members/{id}", body: true },
  "names.check": { method: "GET", path: "/workspaces/{workspace}/names", query: true },
  "oauthClients.delete": { method: "DELETE", path: "/workspaces/{workspace}/oauth-clients/{provider}" },
  "oauthClients.get": { method: "GET", path: "/workspaces/{workspace}/oauth-clients/{provider}" },
  "oauthClients.set": { method: "POST", path: "/workspaces/{workspace}/oauth-clients/{provider}", body: true },
  "providers.create": { method: "POST", path: "/workspaces/{workspace}/providers", body: true, idempotent: true },
  "providers.delete": { method: "DELETE", path: "/workspaces/{workspace}/providers/{id}" },
  "providers.get": { method: "GET", path: "/workspaces/{workspace}/providers/{id}" },
  "providers.importOpenapi": { method: "POST", path: "/workspaces/{workspace}/providers/import-openapi", body: true },
  "providers.list": { method: "GET", path: "/workspaces/{workspace}/providers", query: true },
  "providers.update": { method: "PATCH", path: "/workspaces/{workspace}/providers/{id}", body: true },
  "schedules.preview": { method: "POST", path: "/workspaces/{workspace}/schedules/preview", body: true },
  "secrets.create": { method: "POST", path: "/workspaces/{workspace}/secrets", body: true, idempotent: true },
  "secrets.delete": { method: "DELETE", path: "/workspaces/{workspace}/secrets/{id}" },
  "secrets.list": { method: "GET", path: "/workspaces/{workspace}/secrets" },
  "secrets.set": { method: "PATCH", path: "/workspaces/{workspace}/secrets/{id}", body: true },
  "syncRuns.get": { method: "GET", path: "/workspaces/{workspace}/sync-runs/{id}" },
  "syncRuns.list": { method: "GET", path: "/workspaces/{workspace}/syncs/{id}/runs", query: true },
  "syncRuns.log": { method: "GET", path: "/workspaces/{workspace}/sync-runs/{id}/log", query: true },
  "syncs.cancel": { method: "POST", path: "/workspaces/{workspace}/syncs/{id}/cancel" },
  "syncs.create": { method: "POST", path: "/workspaces/{workspace}/syncs", query: true, body: true, idempotent: true },
  "syncs.decideRemovals": { method: "POST", path: "/workspaces/{workspace}/syncs/{id}/removals", body: true },
  "syncs.delete": { method: "DELETE", path: "/workspaces/{workspace}/syncs/{id}" },
  "syncs.get": { method: "GET", path: "/workspaces/{workspace}/syncs/{id}" },
  "syncs.list": { method: "GET", path: "/workspaces/{workspace}/syncs", query: true },
  "syncs.pause": { method: "POST", path: "/workspaces/{workspace}/syncs/{id}/pause" },
  "syncs.preview": { method: "POST", path: "/workspaces/{workspace}/syncs/preview", body: true },
  "syncs.problems": { method: "GET", path: "/workspaces/{workspace}/syncs/{id}/problems" },
  "syncs.resume": { method: "POST", path: "/workspaces/{workspace}/syncs/{id}/resume" },
  "syncs.retryFailed": {
    method: "POST",
    path: "/workspaces/{workspace}/syncs/{id}/retry-failed",
    body: true,
    idempotent: true,
  },
  "syncs.run": { method: "POST", path: "/workspaces/{workspace}/syncs/{id}/run", idempotent: true },
  "syncs.update": { method: "PATCH", path: "/workspaces/{workspace}/syncs/{id}", body: true },
  "syncs.verification": { method: "GET", path: "/workspaces/{workspace}/syncs/{id}/verification" },
  "syncs.verify": { method: "POST", path: "/workspaces/{workspace}/syncs/{id}/verification", body: true },
  "transfer.export": { method: "GET", path: "/workspaces/{workspace}/export" },
  "transfer.import": { method: "POST", path: "/workspaces/{workspace}/import", body: true },
  "workspaces.create": { method: "POST", path: "/workspaces", body: true },
  "workspaces.delete": { method: "DELETE", path: "/workspaces/{workspace}", query: true },
  "workspaces.get": { method: "GET", path: "/workspaces/{workspace}" },
  "workspaces.home": { method: "GET", path: "/workspaces/{workspace}/home" },
  "workspaces.list": { method: "GET", path: "/workspaces" },
  "workspaces.live": { method: "GET", path: "/workspaces/{workspace}/live", stream: true },
  "workspaces.update": { method: "PATCH", path: "/workspaces/{workspace}", body: true },
};
