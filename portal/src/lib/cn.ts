import { type ClassValue, clsx } from "clsx";
import { extendTailwindMerge } from "tailwind-merge";

const merge = extendTailwindMerge({ extend: { theme: { text: ["xs", "sm", "base", "xl"], shadow: ["layer"] } } });

/** Joins class names; where two set the same property, the later one wins. */
export const cn = (...classes: ClassValue[]) => merge(clsx(classes));
