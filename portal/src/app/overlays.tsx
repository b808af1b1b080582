import { useNavigate, useParams } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";
import { isTyping, layerIsOpen } from "../lib/keys.ts";
import { HelpDialog } from "./help-dialog.tsx";
import { NewWorkspaceDialog } from "./new-workspace-dialog.tsx";
import { openOverlay, overlayNow, useOverlay } from "./open-overlay.ts";
import { sections } from "./sections.ts";

const Palette = lazy(() => import("./palette.tsx"));

/** Stands once, in the shell; also listens to the keys that work everywhere. */
export function Overlays() {
  const overlay = useOverlay();
  useGlobalKeys();
  const close = (open: boolean) => {
    if (!open) openOverlay(undefined);
  };
  return (
    <>
      {overlay === "palette" && (
        <Suspense>
          <Palette onOpenChange={close} />
        </Suspense>
      )}
      <HelpDialog open={overlay === "help"} onOpenChange={close} />
      <NewWorkspaceDialog open={overlay === "new-workspace"} onOpenChange={close} />
    </>
  );
}

/** How long after `g` a letter still counts. */
const chordMs = 1200;

function useGlobalKeys(): void {
  const navigate = useNavigate();
  const { workspace } = useParams({ strict: false });
  useEffect(() => {
    let wentAt = Number.NEGATIVE_INFINITY;
    const onKeyDown = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        openOverlay(overlayNow() === "palette" ? undefined : "palette");
        event.preventDefault();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || layerIsOpen()) return;
      const section = sections.find((one) => one.letter === event.key);
      if (performance.now() - wentAt < chordMs && section && workspace) {
        void navigate({ to: section.to, params: { workspace } });
        wentAt = Number.NEGATIVE_INFINITY;
      } else if (event.key === "g") wentAt = performance.now();
      else if (event.key === "?") openOverlay("help");
      else if (event.key === "/") document.querySelector<HTMLElement>("[data-search]")?.focus();
      else if (event.key === "n") document.querySelector<HTMLElement>("[data-new]")?.click();
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [navigate, workspace]);
}
