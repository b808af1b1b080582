import { ChevronRight } from "lucide-react";
import { Fragment, type ReactNode, useEffect } from "react";
import { Icon } from "./icon.tsx";

export interface PageHeadProps {
  /** The name of the page or thing; also the document's title. */
  title: string;
  /** Section › thing: `Link`s of kind quiet. The title itself is added as the last part. */
  crumbs?: ReactNode[] | undefined;
  status?: ReactNode;
  /** One line of facts under the title. */
  facts?: ReactNode;
  /** At most one filled button. */
  actions?: ReactNode;
}

/** Breadcrumb, title with status, one line of facts, actions right. Sets the document’s title; the shell gives the heading focus after navigation. */
export function PageHead({ title, crumbs, status, facts, actions }: PageHeadProps) {
  useEffect(() => {
    document.title = `${title} · Hawser`;
  }, [title]);
  return (
    <header className="grid grid-cols-1 gap-2">
      {crumbs && <Breadcrumb parts={[...crumbs, title]} />}
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-48 flex-1">
          <div className="flex min-h-8 flex-wrap items-center gap-x-2 gap-y-1">
            <h1 tabIndex={-1} className="min-w-0 text-xl font-semibold tracking-[-0.005em] wrap-anywhere">
              {title}
            </h1>
            {status}
          </div>
          {facts && !crumbs && <p className="text-muted">{facts}</p>}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </div>
      {facts && crumbs && <p className="text-muted">{facts}</p>}
    </header>
  );
}

/** Section › thing › part; the last one is where we are. */
function Breadcrumb({ parts }: { parts: ReactNode[] }) {
  return (
    <nav aria-label="Breadcrumb">
      <ol className="flex min-w-0 flex-wrap items-center gap-1.5 text-xs text-muted">
        {parts.map((part, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts have no other identity than their place
          <Fragment key={index}>
            {index > 0 && (
              <li aria-hidden="true">
                <Icon icon={ChevronRight} />
              </li>
            )}
            <li className="max-w-80 truncate" aria-current={index === parts.length - 1 ? "page" : undefined}>
              {part}
            </li>
          </Fragment>
        ))}
      </ol>
    </nav>
  );
}
