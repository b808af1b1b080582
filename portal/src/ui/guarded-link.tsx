import type { LucideIcon } from "lucide-react";
import type { ReactElement } from "react";
import { Button, type ButtonProps } from "./button.tsx";

export interface GuardedLinkProps {
  /** Why the person may not go there; then the link is a button that says so. */
  forbidden: string | undefined;
  icon?: LucideIcon | undefined;
  kind?: ButtonProps["kind"];
  text: string;
  /** The ButtonLink for those who may. */
  children: ReactElement;
}

/** A link to where only some roles can do anything. For the others it stays, and names the role. */
export function GuardedLink({ forbidden, icon, kind, text, children }: GuardedLinkProps) {
  if (!forbidden) return children;
  return (
    <Button kind={kind} icon={icon} disabled={forbidden}>
      {text}
    </Button>
  );
}
