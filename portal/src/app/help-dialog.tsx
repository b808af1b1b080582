import { Fragment } from "react";
import { modifierKey } from "../lib/keys.ts";
import { Dialog } from "../ui/dialog.tsx";
import { sections } from "./sections.ts";

const groups: { title: string; rows: [keys: string[], what: string][] }[] = [
  {
    title: "Everywhere",
    rows: [
      [[modifierKey, "K"], "Find or do anything"],
      [["?"], "These keys"],
      [["/"], "Search on this page"],
      [["n"], "New, where there is one"],
      [["Esc"], "Close the top layer"],
    ],
  },
  { title: "Go to", rows: sections.map((section) => [["g", section.letter], section.name]) },
  {
    title: "Tables",
    rows: [
      [["j"], "Next row"],
      [["k"], "Row before"],
      [["Enter"], "Open the row"],
      [["x"], "Choose the row"],
    ],
  },
];

export function HelpDialog({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Keyboard" wide>
      <div className="grid gap-6 pb-3 md:grid-cols-3">
        {groups.map((group) => (
          <section key={group.title}>
            <h2 className="mb-2 text-xs font-medium text-muted">{group.title}</h2>
            <dl className="grid grid-cols-[auto_1fr] items-center gap-x-3 gap-y-1.5">
              {group.rows.map(([keys, what]) => (
                <Fragment key={what}>
                  <dt className="flex gap-1">
                    {keys.map((key) => (
                      <kbd key={key} className="rounded-sm border border-border px-1 text-xs">
                        {key}
                      </kbd>
                    ))}
                  </dt>
                  <dd>{what}</dd>
                </Fragment>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
