import type { ReactNode } from "react";
import { useWorkspace } from "../../lib/session.ts";
import { PageHead } from "../../ui/page-head.tsx";
import { SectionLink, SectionLinks } from "../../ui/section-links.tsx";

interface ActivityFrameProps {
  title: string;
  facts: string;
  actions?: ReactNode;
  children: ReactNode;
}

/** Head of the two pages that look back: what happened, and the audit log that proves it. */
export function ActivityFrame({ title, facts, actions, children }: ActivityFrameProps) {
  const { slug } = useWorkspace();
  const params = { workspace: slug };
  return (
    <>
      <PageHead title={title} facts={facts} actions={actions} />
      <SectionLinks label="Activity">
        <SectionLink to="/w/$workspace/activity" params={params} activeOptions={{ exact: true, includeSearch: false }}>
          Activity
        </SectionLink>
        <SectionLink to="/w/$workspace/activity/audit" params={params}>
          Audit log
        </SectionLink>
      </SectionLinks>
      {children}
    </>
  );
}
