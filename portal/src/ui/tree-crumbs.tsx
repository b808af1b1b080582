import { ChevronRight } from "lucide-react";
import { Icon } from "./icon.tsx";

export interface TreeCrumbsProps<Node> {
  rootName: string;
  /** From the top down to the line that is looked at. */
  way: readonly Node[];
  onGo: (node: Node | undefined) => void;
}

/** Where in a tree one is: stays in sight while thousands of lines scroll by. */
export function TreeCrumbs<Node extends { id: string; name: string }>({ rootName, way, onGo }: TreeCrumbsProps<Node>) {
  const steps = [
    { id: "", name: rootName, node: undefined as Node | undefined },
    ...way.map((node) => ({ ...node, node })),
  ];
  return (
    <nav
      aria-label="The way to this folder"
      className="rounded-b-md border border-t-0 border-control bg-sunken px-2 py-1"
    >
      <ol className="flex flex-wrap items-center gap-x-0.5 text-xs text-muted">
        {steps.map(({ id, name, node }, place) => (
          <li key={id} className="inline-flex max-w-full min-w-0 items-center gap-0.5">
            {place > 0 && <Icon icon={ChevronRight} className="size-3 shrink-0" />}
            {place === steps.length - 1 ? (
              <span aria-current="location" className="min-w-0 truncate px-1 py-0.5 text-foreground" title={name}>
                {name}
              </span>
            ) : (
              <button
                type="button"
                onClick={() => onGo(node)}
                title={name}
                className="min-h-6 min-w-6 truncate rounded-sm px-1 hover:bg-hover hover:text-foreground"
              >
                {name}
              </button>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}
