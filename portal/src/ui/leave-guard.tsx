import { useBlocker } from "@tanstack/react-router";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";

/** Asks before unsaved changes are left behind, by a link as well as by closing the tab. Stands inside the form. */
export function LeaveGuard({ when }: { when: boolean }) {
  const blocker = useBlocker({
    // Tabs and filters of the same page are not leaving it.
    shouldBlockFn: ({ current, next }) => when && current.pathname !== next.pathname,
    enableBeforeUnload: when,
    withResolver: true,
  });
  return (
    <Dialog
      open={blocker.status === "blocked"}
      onOpenChange={(open) => {
        if (!open) blocker.reset?.();
      }}
      title="Leave without saving?"
      description="What you changed on this page is not saved yet."
      footer={
        <>
          <Button onClick={() => blocker.proceed?.()}>Leave</Button>
          <Button kind="primary" onClick={() => blocker.reset?.()}>
            Stay
          </Button>
        </>
      }
    />
  );
}
