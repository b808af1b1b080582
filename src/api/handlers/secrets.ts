import type { SecretId } from "#core/ids.ts";
import { deleteSecret } from "#domain/secrets/delete-secret.ts";
import { listSecrets } from "#domain/secrets/read-secrets.ts";
import type { SecretsDeps } from "#domain/secrets/secret.ts";
import { createSecret, setSecret } from "#domain/secrets/set-secret.ts";
import * as contract from "../contract/secrets.ts";
import { type Handler, handle } from "../handle.ts";
import { toSecretView } from "../views/secret.ts";

export const secretHandlers = (deps: SecretsDeps): Handler[] => [
  handle(contract.listSecrets, async ({ workspace }) => ({
    items: (await listSecrets(deps, workspace)).map(toSecretView),
  })),
  handle(contract.createSecret, async (ctx) => {
    const made = await createSecret(deps, ctx, ctx.body, (tx, secret) => ctx.complete(tx, toSecretView(secret)));
    return toSecretView(made);
  }),
  handle(contract.setSecret, async (ctx) =>
    toSecretView(await setSecret(deps, ctx, ctx.params.id as SecretId, ctx.body)),
  ),
  handle(contract.deleteSecret, (ctx) => deleteSecret(deps, ctx, ctx.params.id as SecretId)),
];
