import { fingerprint } from "../fingerprint.ts";

/** One request that a simulator got. Of a token there is only what two of them can be told apart by. */
export interface LoggedRequest {
  at: Date;
  method: string;
  /** Without the query, where secrets may stand. */
  path: string;
  status: number | "lost";
  /** `authorization_code`, `refresh_token` … of a token request. */
  grant?: string;
  /** SHA-256 of the refresh token or code that was sent. */
  spent?: string;
}

/** What a simulator was asked, for tests to compare with what Hawser says it did. Bounded. */
export class RequestLog {
  readonly entries: LoggedRequest[] = [];

  add(entry: LoggedRequest): void {
    this.entries.push(entry);
    if (this.entries.length > 10_000) this.entries.shift();
  }

  count(wanted: Partial<Pick<LoggedRequest, "method" | "path" | "grant" | "status" | "spent">>): number {
    return this.entries.filter((entry) =>
      Object.entries(wanted).every(([key, value]) => entry[key as keyof typeof wanted] === value),
    ).length;
  }

  clear(): void {
    this.entries.length = 0;
  }
}

export const tokenFingerprint = (token: string): string => fingerprint(token);
