import { useRouter } from "@tanstack/react-router";
import { useEffect } from "react";

/** After going to another page the heading has the focus, so that keyboards and screen readers start there. */
export function useFocusOnNavigation(): void {
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe("onRendered", ({ fromLocation, pathChanged }) => {
        if (!fromLocation || !pathChanged) return;
        // A page that puts the cursor into its first field knows better.
        if (document.activeElement instanceof HTMLInputElement) return;
        document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
      }),
    [router],
  );
}
