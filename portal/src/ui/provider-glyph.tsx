import { cn } from "../lib/cn.ts";

const sizes = {
  small: "size-5.5 rounded-[5px] text-[10px]",
  normal: "size-7 rounded-[7px] text-xs",
  big: "size-9 rounded-[9px] text-base",
} as const;

export interface ProviderGlyphProps {
  /** The provider's key or the thing's id: decides the hue, which so never changes. */
  id: string;
  /** The name the letters come from. */
  name: string;
  /** Both as the catalog gives them, where it was asked. */
  letters?: string | undefined;
  hue?: number | undefined;
  size?: keyof typeof sizes | undefined;
  className?: string | undefined;
}

/** Two letters on a tile in one of eight hues: our own sign for a provider, a workspace or a person. */
export function ProviderGlyph({ id, name, letters, hue, size = "normal", className }: ProviderGlyphProps) {
  return (
    <span
      aria-hidden="true"
      className={cn(
        "glyph inline-grid shrink-0 place-items-center leading-none font-semibold",
        `hue-${hue === undefined ? hueOf(id) : ((((hue - 1) % 8) + 8) % 8) + 1}`,
        sizes[size],
        className,
      )}
    >
      {letters ?? lettersOf(name)}
    </span>
  );
}

/** "Google Drive" → "GD", "local-folder" → "LF", "S3" → "S3", "Autodesk" → "AU". */
function lettersOf(name: string): string {
  const words = name.split(/[\s\-_.,/]+/u).filter(Boolean);
  const [first = "?", second] = words;
  const letters = second ? [[...first][0], [...second][0]] : [...first].slice(0, 2);
  return letters.join("").toUpperCase();
}

// The hues of the providers that ship are chosen so that neighbours in the catalog differ; others follow from the id.
const chosen: Record<string, number> = {
  "google-drive": 1,
  onedrive: 2,
  s3: 3,
  sandbox: 4,
  autodesk: 6,
  "local-folder": 8,
  x: 4,
  linkedin: 2,
  wordpress: 5,
  medium: 7,
  "supabase-storage": 1,
  none: 5,
};

function hueOf(id: string): number {
  const fixed = chosen[id];
  if (fixed) return fixed;
  let hash = 0;
  for (const character of id) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return (hash % 8) + 1;
}
