import { systemClock } from "#core/clock.ts";
import type { ListingQuirks, SimulatedFiles } from "#provider-kit/sim/files.ts";
import type { OtherGrant } from "#provider-kit/sim/oauth-rules.ts";
import { type SimulatorOptions, simulatedService } from "#provider-kit/sim/service.ts";
import { claimsOf, newServiceKey, type ServiceKey } from "#provider-kit/sim/service-key.ts";
import { answerDrive, type DriveParts } from "./simulated-api.ts";
import { type ListHabits, Lists } from "./simulated-lists.ts";
import { Logs } from "./simulated-log.ts";
import { plantWorld } from "./simulated-oddities.ts";
import { Push, type PushHabits } from "./simulated-push.ts";
import { checkAssertion, people, robot, rulesFor, type SignInState } from "./simulated-sign-in.ts";
import { World } from "./simulated-world.ts";

export { googleClient } from "./simulated-sign-in.ts";

/** What Google, or whoever runs the app, has decided, and Drive's moods. Can be changed at any time. */
export interface GoogleState extends SignInState, ListHabits {
  push: PushHabits;
}

export interface GoogleDriveSimulator extends SimulatedFiles {
  readonly google: GoogleState;
  /** Who has what, and what only Google can do with it: sharing, documents of its own. */
  readonly world: World;
  readonly push: Push;
  /** The key file of its service account, as Google's console would hand it out. */
  keyFile(): string;
}

/** A pretend Google Drive: consent, tokens, service accounts, drives with files, their changes, and notices of them. */
export function googleDriveSimulator(options: SimulatorOptions): GoogleDriveSimulator {
  const google: GoogleState = {
    testing: false,
    delegated: true,
    missingFolders: "refused",
    incompleteSearch: false,
    push: { twice: false, retryMs: 1_000 },
  };
  const { clock = systemClock } = options;
  const world = new World(clock);
  const quirks: ListingQuirks = {};
  const logs = new Logs(world);
  const lists = new Lists(world, quirks, google);
  const push = new Push(clock, google.push, options.notify);
  if (!options.empty) plantWorld(world);
  logs.onEntry = (log) => {
    if (push.open > 0) push.logGrew(log);
  };
  logs.onEvent = (event) => {
    if (push.open > 0) push.fileChanged(event);
  };

  let key: ServiceKey | undefined;
  const assertion = (params: URLSearchParams): OtherGrant => {
    const claims = key ? claimsOf(params.get("assertion"), key, clock.now()) : "forged";
    return checkAssertion(google, claims, `${options.origin}/token`);
  };
  const parts: DriveParts = {
    world,
    logs,
    lists,
    push,
    quirks,
    api: `${options.origin}/api`,
    accessOf: (request) => service.oauth?.accessOf(request),
  };
  const service = simulatedService(
    {
      key: "google-drive",
      rules: rulesFor(google, assertion),
      api: (call) => answerDrive(parts, call),
      memory: {
        save: () => ({ key, channels: push.save() }),
        restore(saved) {
          if (typeof saved !== "object" || saved === null) return;
          if ("key" in saved && isKey(saved.key)) key = saved.key;
          if ("channels" in saved) push.restore(saved.channels);
        },
      },
    },
    options,
  );
  const keyFile = () => {
    key ??= newServiceKey("sandbox-key-1");
    return JSON.stringify({
      type: "service_account",
      project_id: "sandbox",
      private_key_id: key.id,
      private_key: key.privateKey,
      client_email: robot.email,
      client_id: "100000000000000000009",
      token_uri: `${options.origin}/token`,
    });
  };
  const files = {
    google,
    world,
    push,
    keyFile,
    tree: world.tree,
    drive: world.home(people[0]?.id ?? ""),
    quirks,
    loseCursors: () => logs.loseTokens(),
    losePages: () => lists.forget(),
  };
  return Object.defineProperty(Object.assign(service, files), "notes", {
    get: () => [`Key file of the service account: ${keyFile()}`],
  });
}

const isKey = (saved: unknown): saved is ServiceKey =>
  typeof saved === "object" &&
  saved !== null &&
  "id" in saved &&
  typeof saved.id === "string" &&
  "privateKey" in saved &&
  typeof saved.privateKey === "string";
