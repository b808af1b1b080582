import { absoluteHours } from "#domain/identity/session.ts";
import { isLoopback } from "./origins.ts";

/** How the session's token travels: in a cookie that scripts cannot read and other sites cannot send (SR-44). */
export interface SessionCookie {
  read(cookies: string | null | undefined): string | undefined;
  set(token: string): string;
  clear(): string;
}

export function sessionCookie(publicUrl: string): SessionCookie {
  // Browsers take the machine itself for safe without TLS. A plain address in a network of one's own, which only
  // development allows, gets a plain cookie.
  const secure = publicUrl.startsWith("https:") || isLoopback(publicUrl);
  const name = secure ? "__Host-hawser" : "hawser";
  const attributes = `Path=/; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`;
  return {
    read(cookies) {
      const mine = (cookies ?? "").split(";").map((cookie) => cookie.trim());
      const found = mine.filter((cookie) => cookie.startsWith(`${name}=`));
      return found.length === 1 ? found[0]?.slice(name.length + 1) : undefined;
    },
    set: (token) => `${name}=${token}; Max-Age=${absoluteHours * 3600}; ${attributes}`,
    clear: () => `${name}=; Max-Age=0; ${attributes}`,
  };
}
