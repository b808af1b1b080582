import { WorkspaceForm } from "../../ui/workspace-form.tsx";
import { Frame } from "./frame.tsx";
import { strings } from "./strings.ts";

/** For a person who belongs to no workspace: they left the last one, or it was deleted. */
export function FirstWorkspacePage() {
  return (
    <Frame title={strings.firstWorkspace.title} lead={strings.firstWorkspace.text}>
      <WorkspaceForm />
    </Frame>
  );
}
