import { expect, it } from "vitest";
import { type ConnectionId, newId, type SyncId } from "#core/ids.ts";
import {
  byUrgency,
  connectionTrouble,
  destinationRests,
  filesFailed,
  foldersFailed,
  removalsHeld,
  scheduleFailed,
  syncFailed,
} from "./attention.ts";

const id = newId<SyncId>();
const connection = newId<ConnectionId>();

it("says how much waits for a decision, and that nothing happens before", () => {
  expect(removalsHeld({ id, name: "Drawings", files: 1204, of: 5310 })).toMatchObject({
    title: '1,204 of 5,310 files of "Drawings" are gone at the source',
    detail: "We keep them until you decide.",
  });
});

it("SR-91 says that a destination is full, how much waits for it, and that it goes on by itself", () => {
  const failure = { kind: "destination_full", message: "The disk is full", at: "2026-11-03T14:05:00.000Z" };
  expect(destinationRests({ id, name: "Drawings", failure, waiting: 212 })).toMatchObject({
    title: '"Drawings" waits for its destination',
    detail: "The disk is full. 212 files wait; we try again every minute.",
    since: new Date(failure.at),
  });
  expect(destinationRests({ id, name: "Drawings", failure, waiting: 0 })).toMatchObject({
    detail: "The disk is full. We try again every minute.",
  });
});

it("says which folders could not be listed", () => {
  expect(foldersFailed({ id, name: "Drawings", folders: 1, since: undefined })).toMatchObject({
    title: '1 folder of "Drawings" could not be listed',
    detail: "What is stored of it stays. All others are in order.",
  });
});

it("says what a broken connection holds up", () => {
  const trouble = {
    id: connection,
    name: "Archive",
    providerName: "Google Drive",
    failure: { kind: "unavailable", message: "The folder is not there" },
    since: undefined,
  };

  expect(connectionTrouble({ ...trouble, needsAuthorization: true, syncs: 3 })).toMatchObject({
    title: 'Google Drive no longer accepts the sign-in of "Archive"',
    detail: "3 syncs wait; nothing is lost.",
  });
  expect(connectionTrouble({ ...trouble, needsAuthorization: false, syncs: 1 })).toMatchObject({
    title: '"Archive" cannot be reached',
    detail: "The folder is not there. 1 sync waits; nothing is lost.",
  });
  expect(connectionTrouble({ ...trouble, needsAuthorization: false, syncs: 0 }).detail).toBe(
    "The folder is not there. No sync uses it.",
  );
});

it("puts first what stops most, then what has waited longest", () => {
  const at = (day: number) => new Date(Date.UTC(2026, 0, day));
  const failed = filesFailed({ id, name: "A", files: 1, cause: "", since: at(1) });
  const late = syncFailed({ id, name: "B", failure: undefined, since: at(3) });
  const early = syncFailed({ id, name: "C", failure: undefined, since: at(2) });
  const schedule = scheduleFailed({ id, name: "D", failure: "There is no such zone" });

  expect([failed, schedule, late, early].sort(byUrgency)).toEqual([early, late, schedule, failed]);
});
