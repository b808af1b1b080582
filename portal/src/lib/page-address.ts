/**
 * An address out of data that may be opened as a page of its own: http or https alone (SR-48). Undefined for anything
 * else, also for addresses of files and of programs.
 */
export function pageAddress(link: string | null | undefined): string | undefined {
  if (!link || !URL.canParse(link)) return undefined;
  return /^https?:$/.test(new URL(link).protocol) ? link : undefined;
}
