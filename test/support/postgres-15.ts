/** The programs of Debian's PostgreSQL 15, the oldest server that Hawser runs on. */
export const postgres15 = "/usr/lib/postgresql/15/bin";
