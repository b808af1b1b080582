import type { ReactNode } from "react";
import { useWorkspace } from "../../lib/session.ts";
import { Link } from "../../ui/link.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { SectionLink, SectionLinks } from "../../ui/section-links.tsx";

interface SettingsFrameProps {
  title: string;
  facts?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** Head and way between the pages of the settings. */
export function SettingsFrame({ title, facts, actions, children }: SettingsFrameProps) {
  const { slug } = useWorkspace();
  const params = { workspace: slug };
  return (
    <>
      <PageHead
        title={title}
        facts={facts}
        actions={actions}
        crumbs={[
          <Link key="settings" kind="quiet" to="/w/$workspace/settings" params={params}>
            Settings
          </Link>,
        ]}
      />
      <SectionLinks label="Settings">
        <SectionLink to="/w/$workspace/settings/members" params={params}>
          Members
        </SectionLink>
        <SectionLink to="/w/$workspace/settings/api-keys" params={params}>
          API keys
        </SectionLink>
        <SectionLink to="/w/$workspace/settings/secrets" params={params}>
          Secrets
        </SectionLink>
        <SectionLink to="/w/$workspace/settings/transfer" params={params}>
          Export and import
        </SectionLink>
        <SectionLink to="/w/$workspace/settings/workspace" params={params}>
          Workspace
        </SectionLink>
      </SectionLinks>
      {children}
    </>
  );
}
