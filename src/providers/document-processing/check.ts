import { ProviderError } from "#core/errors.ts";
import { labelFrom } from "#provider-kit/label.ts";
import type { Account, FirstCall } from "#provider-kit/provider.ts";
import type { Config } from "./config.ts";
import { addressOf, OLDER_PATH, ourHeaders, sendText } from "./deliver.ts";
import { readAnswer } from "./read-answer.ts";

/** The same at every check, so that a receiver that keeps what it got keeps one. */
const CHECK_ID = "evt_00000000000000000000000000";

/**
 * Neither form has a call that only asks. So a message without a document is sent: a receiver looks at the signature
 * first, and that it then does not take the message (400, 422) is as good as that it does.
 */
export async function check(call: FirstCall<Config>): Promise<Account> {
  const { config } = call;
  const answer = readAnswer(await ask(call), config, new Date());
  const isNo = answer.kind === "refused" && ![400, 422].includes(answer.status);
  if (answer.kind === "closed") throw new ProviderError(answer.because, answer.reason);
  if (answer.kind === "later") {
    throw new ProviderError("unavailable", answer.reason, answer.retryAt ? { retryAt: answer.retryAt } : {});
  }
  if (isNo) throw new ProviderError("rejected", answer.reason);
  const { host } = new URL(config.base_url);
  // The service may move; a connection stays that of its tenant.
  return { id: config.tenant_id, label: labelFrom(`${config.tenant_id} at ${host}`) };
}

async function ask(call: FirstCall<Config>) {
  const { config, http } = call;
  if (config.mode === "compatible") {
    const text = `--hawsercheck\r\nContent-Disposition: form-data; name="check"\r\n\r\n1\r\n--hawsercheck--\r\n`;
    const request = {
      method: "POST" as const,
      url: addressOf(config, OLDER_PATH),
      message: { id: CHECK_ID, payload: "" },
    };
    return http.answer({ ...request, body: { text, mediaType: "multipart/form-data; boundary=hawsercheck" } });
  }
  const payload = JSON.stringify({ type: "receiver.check", version: 1, tenant_id: config.tenant_id });
  const url = addressOf(config, "v1/documents");
  const headers = ourHeaders(config, CHECK_ID, 1);
  return sendText(call, { method: "POST", url, headers, message: { id: CHECK_ID, payload } }, payload);
}
