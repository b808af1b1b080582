import { CSPProvider } from "@base-ui/react/csp-provider";
import { Tooltip } from "@base-ui/react/tooltip";
import { Outlet } from "@tanstack/react-router";
import { Toasts } from "../ui/toast.tsx";
import { useFocusOnNavigation } from "./focus.ts";

/** Around every page. Base UI would add style elements, which the page policy forbids; our style sheet has them. */
export function Root() {
  useFocusOnNavigation();
  return (
    <CSPProvider disableStyleElements>
      <Tooltip.Provider delay={400}>
        <Outlet />
        <Toasts />
      </Tooltip.Provider>
    </CSPProvider>
  );
}
