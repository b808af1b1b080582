import type { ProviderView } from "../../lib/contract.ts";
import { useWorkspace } from "../../lib/session.ts";
import { Badge } from "../../ui/badge.tsx";
import { Link } from "../../ui/link.tsx";
import { ProviderGlyph } from "../../ui/provider-glyph.tsx";
import { categoryWord, partWord, signInWord } from "./words.ts";

/** One provider: what it is, how one signs in, what it can do, how often it is connected. The whole card is the link. */
export function ProviderCard({ provider }: { provider: ProviderView }) {
  const { slug } = useWorkspace();
  const { key, name, category, glyph, description, parts, sign_in, connections } = provider;
  return (
    <li className="relative grid grid-rows-[auto_1fr_auto] gap-2.5 rounded-lg border border-border bg-card p-4 hover:border-control">
      <div className="flex items-center gap-2.5">
        <ProviderGlyph id={key} name={name} letters={glyph.letters} />
        <div className="min-w-0 flex-1">
          <h2 className="truncate text-base font-semibold" title={name}>
            <Link
              kind="thing"
              className="font-semibold after:absolute after:inset-0 after:rounded-lg"
              to="/w/$workspace/catalog/$provider"
              params={{ workspace: slug, provider: key }}
              search={(before) => before}
            >
              {name}
            </Link>
          </h2>
          <p className="truncate text-xs text-muted">
            {categoryWord(category)} · {signInWord(sign_in[0])}
          </p>
        </div>
        {connections > 0 && <Badge tone="good">{connections} connected</Badge>}
      </div>
      <p className="line-clamp-3 text-muted">{description}</p>
      <div className="flex flex-wrap items-center gap-1">
        {parts.map((part) => (
          <Badge key={part}>{partWord(part)}</Badge>
        ))}
      </div>
    </li>
  );
}
