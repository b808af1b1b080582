import type { ProviderView } from "../../lib/contract.ts";
import { useWorkspace } from "../../lib/session.ts";
import { Badge } from "../../ui/badge.tsx";
import { Link } from "../../ui/link.tsx";
import { ProviderGlyph } from "../../ui/provider-glyph.tsx";
import { categoryWord, partWord, signInWords } from "./words.ts";

interface ProviderCardProps {
  provider: ProviderView;
  /** A simulator answers in its place. */
  sandbox: boolean;
}

/** One provider: what it is, how one signs in, what it can do, how often it is connected. The whole card is the link. */
export function ProviderCard({ provider, sandbox }: ProviderCardProps) {
  const { slug } = useWorkspace();
  const { key, name, category, glyph, description, parts, sign_in, connections, origin, legacy } = provider;
  const signIn = signInWords(sign_in);
  return (
    <li className="relative grid grid-cols-1 grid-rows-[auto_1fr_auto_auto] gap-2.5 rounded-lg border border-border bg-card p-4 hover:border-control">
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
            {origin === "custom" ? "Made in this workspace" : `${categoryWord(category)} · built in`}
          </p>
        </div>
        {connections > 0 && <Badge tone="good">{connections} connected</Badge>}
      </div>
      <p className="line-clamp-3 text-muted">{description}</p>
      <p className="truncate text-xs" title={signIn}>
        {signIn}
      </p>
      <div className="flex min-h-5 flex-wrap items-center gap-1">
        {sandbox && <Badge tone="running">Sandbox</Badge>}
        {legacy !== null && <Badge tone="warning">Legacy</Badge>}
        {parts.map((part) => (
          <Badge key={part}>{partWord(part)}</Badge>
        ))}
      </div>
    </li>
  );
}
