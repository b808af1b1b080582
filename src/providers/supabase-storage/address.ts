import type { Config } from "./config.ts";

/** Where the API of the storage begins. */
export const storageUrl = ({ url }: Config): string => `${url}/storage/v1`;

/** Hosted projects have a host of its own for what is large. */
export function uploadUrl(config: Config): string {
  const project = /^https:\/\/([a-z0-9]{20})\.supabase\.co$/.exec(config.url ?? "")?.[1];
  return project === undefined ? storageUrl(config) : `https://${project}.storage.supabase.co/storage/v1`;
}

export const inPath = (name: string): string => encodeURIComponent(name).replaceAll("%2F", "/");
