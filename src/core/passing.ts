/** 08: connection. 40: deadlock, serialization. 53: out of resources. 55P03, 57P: locks, shutting down, starting up. */
const passingStates = /^(?:08|40|53|55P03|57P)/;
const passingErrors = new Set(["ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENOENT"]);

/**
 * Whether the database was away, or let another transaction go first: nothing is wrong with what was asked, and it was
 * not done. The driver says some of it only in words.
 */
export function isPassing(failure: unknown): boolean {
  if (!(failure instanceof Error)) return false;
  const code = "code" in failure && typeof failure.code === "string" ? failure.code : "";
  // ENOENT: the socket of a server that is not there.
  if ("syscall" in failure && failure.syscall === "connect") return passingErrors.has(code);
  return (
    passingStates.test(code) || /^Connection terminated|^timeout exceeded when trying to connect/.test(failure.message)
  );
}
