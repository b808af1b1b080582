/** RFC 3339 in UTC, or null for what has no time (yet). */
export const toTime = (time: Date | undefined): string | null => time?.toISOString() ?? null;
