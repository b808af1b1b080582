/** What rooms that may carry a secret, but not look into it, import. */
export { Secret } from "./reveal.ts";
