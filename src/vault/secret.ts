/** What rooms that may carry a secret, but not look into it, import. */
export { joinSecrets, Secret } from "./reveal.ts";
