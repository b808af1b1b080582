import { CircleCheck, CircleSlash } from "lucide-react";
import { cn } from "../../lib/cn.ts";
import { Icon } from "../icon.tsx";
import { scopeWords } from "./scope-words.ts";

interface ScopeListProps {
  scopes: readonly string[];
  /** They were asked for and refused. */
  missing?: boolean | undefined;
}

/** What Hawser may do, in plain words; the provider's own name of each permission small beneath. */
export function ScopeList({ scopes, missing }: ScopeListProps) {
  return (
    <ul className="grid gap-1.5">
      {scopes.map((scope) => {
        const words = scopeWords(scope);
        return (
          <li key={scope} className="flex items-start gap-2">
            <Icon
              icon={missing ? CircleSlash : CircleCheck}
              className={cn("mt-0.5", missing ? "text-bad" : "text-muted")}
            />
            <span className="min-w-0 wrap-anywhere">
              {words && <span className="block">{words}</span>}
              <code className="block text-xs text-muted">{scope}</code>
            </span>
          </li>
        );
      })}
    </ul>
  );
}
