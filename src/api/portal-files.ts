import { serveStatic } from "@hono/node-server/serve-static";
import type { Hono } from "hono";

/**
 * The built portal: files whose names change with their content for ever, its page for every address that is one of the
 * portal's own.
 */
export function servePortal<E extends object>(app: Hono<E>, folder: string): void {
  app.get(
    "/assets/*",
    serveStatic({
      root: folder,
      onFound: (_, c) => c.header("cache-control", "public, max-age=31536000, immutable"),
    }),
  );
  app.get("*", async (c, next) => {
    if (isFile(c.req.path)) return serveStatic({ root: folder })(c, next);
    if (isOurs(c.req.path)) return next();
    return serveStatic({ root: folder, path: "index.html" })(c, next);
  });
}

const isFile = (path: string) => /^\/[\w.-]+\.[a-z0-9]+$/i.test(path) && path !== "/index.html";
const isOurs = (path: string) => /^\/(api|assets|docs|oauth|health|status|openapi\.json)(\/|$)/.test(path);
