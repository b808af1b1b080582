import type { LucideIcon } from "lucide-react";
import { cn } from "../lib/cn.ts";

/** A 16 px icon that says nothing on its own: words stand beside it, or the button around it has a label. */
export function Icon({ icon: Shape, className }: { icon: LucideIcon; className?: string | undefined }) {
  return <Shape aria-hidden="true" size={16} strokeWidth={1.75} className={cn("shrink-0", className)} />;
}
