import type { SignIn } from "../../lib/contract.ts";
import { CopyField } from "../copy-field.tsx";

const placeholder = "{redirect_uri}";

interface ConsoleStepsProps {
  provider: string;
  way: SignIn;
  /** Nothing can go on before they are done. */
  open: boolean;
}

/** What to do at the provider before the first sign-in; the redirect address stands there to be copied. */
export function ConsoleSteps({ provider, way, open }: ConsoleStepsProps) {
  if (way.steps.length === 0 && way.redirect_uri === null) return null;
  return (
    <details open={open} className="rounded-md border border-border px-4 py-2.5">
      <summary className="font-medium">What to prepare at {provider}</summary>
      <div className="grid gap-3 pt-2 pb-1">
        <ol className="grid list-decimal gap-1.5 pl-5">
          {way.steps.map((step) => (
            <li key={step} className="pl-1 wrap-anywhere">
              {step.replaceAll(placeholder, "the redirect address below")}
            </li>
          ))}
        </ol>
        {way.redirect_uri !== null && (
          <div className="grid gap-1">
            <p className="text-xs text-muted">Redirect address, to be entered exactly so</p>
            <CopyField label="Redirect address" value={way.redirect_uri} />
          </div>
        )}
      </div>
    </details>
  );
}
