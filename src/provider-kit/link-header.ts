/** One link of a `Link` header (RFC 8288). */
export interface Link {
  /** As it is written: it may be relative to the answer's own address, and comes from the other side. */
  target: string;
  /** Relations in lower case, such as `next`. */
  rels: readonly string[];
}

/** A header value is not longer than this in earnest. */
const longest = 16_384;

/**
 * The links of a `Link` header, whose several headers of one answer are joined by commas. What does not look like a link
 * ends the reading; what was read until then is kept.
 */
export function linksIn(header: string | null): Link[] {
  const text = (header ?? "").slice(0, longest);
  const links: Link[] = [];
  const link = /[\s,]*<([^<>]*)>/y;
  for (let found = link.exec(text); found; found = link.exec(text)) {
    const { params, end } = paramsAt(text, link.lastIndex);
    links.push({
      target: found[1]?.trim() ?? "",
      rels: (params.get("rel") ?? "").toLowerCase().split(/\s+/).filter(Boolean),
    });
    link.lastIndex = end;
  }
  return links;
}

/** The target of the first link with this relation. */
export const linkTo = (header: string | null, rel: string): string | undefined =>
  linksIn(header).find(({ rels }) => rels.includes(rel.toLowerCase()))?.target;

/** The parameters that stand behind a link's target. Of one that is there twice the first counts. */
function paramsAt(text: string, start: number): { params: Map<string, string>; end: number } {
  const params = new Map<string, string>();
  const param = /\s*;\s*([^\s=;,"<>]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?/y;
  let end = start;
  param.lastIndex = start;
  for (let found = param.exec(text); found; found = param.exec(text)) {
    const [, name = "", quoted, token = ""] = found;
    const key = name.toLowerCase();
    if (!params.has(key)) params.set(key, quoted?.replace(/\\(.)/g, "$1") ?? token);
    end = param.lastIndex;
  }
  return { params, end };
}
