import type { Config } from "./config.ts";

/** Where the bucket is, with a slash at its end. */
export function bucketUrl({ bucket, region, endpoint, pathStyle }: Config): string {
  const service = endpoint ?? `https://s3.${region}.amazonaws.com`;
  // The certificate of a service covers one label before its name, and no dots.
  const inPath = pathStyle ?? (endpoint !== undefined || bucket?.includes("."));
  if (inPath) return `${service}/${bucket}/`;
  const url = new URL(service);
  return `${url.protocol}//${bucket}.${url.host}${url.pathname.replace(/\/$/, "")}/`;
}

/** All but the unreserved characters is escaped, as it is in what is signed. */
export const inPath = (name: string): string =>
  encodeURIComponent(name)
    .replaceAll("%2F", "/")
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
