import { type ReactNode, useEffect } from "react";
import { Mark } from "../../ui/mark.tsx";

/** One card in the middle of a calm page: everything before the portal looks like this. */
export function Frame({
  title,
  lead,
  children,
  foot,
}: {
  title: string;
  lead?: ReactNode;
  children: ReactNode;
  foot?: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · Hawser`;
  }, [title]);
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-104 flex-col gap-5 px-4 pt-[12dvh] pb-8">
      <p className="flex items-center justify-center gap-2.5 text-[16px] font-semibold">
        <Mark ground="var(--background)" />
        Hawser
      </p>
      <div className="grid gap-5 rounded-lg border border-border bg-card p-6 max-md:p-5">
        <div className="grid gap-1.5">
          <h1 tabIndex={-1} className="text-xl font-semibold wrap-anywhere">
            {title}
          </h1>
          {lead && <div className="text-muted">{lead}</div>}
        </div>
        {children}
      </div>
      {foot && <p className="text-center text-muted">{foot}</p>}
    </main>
  );
}
