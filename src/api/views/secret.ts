import type { z } from "zod";
import type { SecretInUse } from "#domain/secrets/secret.ts";
import type { secretView } from "../contract/secrets.ts";
import { toTime } from "./time.ts";

export const toSecretView = (secret: SecretInUse): z.input<typeof secretView> => ({
  id: secret.id,
  name: secret.name,
  description: secret.description,
  fingerprint: secret.fingerprint,
  origins: secret.origins,
  created_at: secret.createdAt.toISOString(),
  set_at: secret.setAt.toISOString(),
  set_by: secret.setBy ?? null,
  last_used_at: toTime(secret.lastUsedAt),
  used_in: [...secret.usedIn],
});
