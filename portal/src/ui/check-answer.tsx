import type { CheckResult } from "../lib/contract.ts";
import { CheckResultLine } from "./check-result.tsx";

/** What a *Test* of a connection found: whose account it is, or why it does not work. */
export function CheckAnswer({ result }: { result: CheckResult }) {
  return (
    <CheckResultLine ok={result.ok} tookMs={result.took_ms}>
      {result.ok
        ? `It works${result.account ? `: ${result.account.label}` : ""}.`
        : (result.failure?.message ?? "It does not work, and the provider did not say why.")}
    </CheckResultLine>
  );
}
