import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "../lib/cn.ts";
import { type Tone, toneSoft } from "./badge.tsx";
import { Icon } from "./icon.tsx";

interface NoteProps {
  icon: LucideIcon;
  tone: Tone;
  children: ReactNode;
}

/** A sentence to be read before what stands below it. Nothing is wrong; for that there is the diagnosis card. */
export function Note({ icon, tone, children }: NoteProps) {
  return (
    <p className={cn("flex items-start gap-2 rounded-md px-3 py-2", toneSoft[tone])}>
      <Icon icon={icon} className="mt-0.5" />
      <span className="min-w-0 text-foreground">{children}</span>
    </p>
  );
}
