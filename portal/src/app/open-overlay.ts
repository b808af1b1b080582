import { useSyncExternalStore } from "react";

type Overlay = "palette" | "help" | "new-workspace";

let current: Overlay | undefined;
const listeners = new Set<() => void>();

/** Opens what belongs to no page: the palette, the list of keys, the form of a new workspace. */
export function openOverlay(overlay: Overlay | undefined): void {
  current = overlay;
  for (const changed of listeners) changed();
}

/** Which one is open now, for those who only ask at a key. */
export const overlayNow = () => current;

export const useOverlay = () =>
  useSyncExternalStore((changed) => {
    listeners.add(changed);
    return () => listeners.delete(changed);
  }, overlayNow);
