/** The reference of the API for people, from files of our own server: nothing is fetched from elsewhere. */
import { serveStatic } from "@hono/node-server/serve-static";
import type { Hono } from "hono";

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Hawser API</title>
    <link rel="icon" href="/mark.svg">
    <link rel="stylesheet" href="/docs/swagger-ui.css">
    <script src="/docs/swagger-ui-bundle.js" defer></script>
    <script src="/docs/start.js" defer></script>
  </head>
  <body>
    <div id="docs"></div>
  </body>
</html>
`;

// What is tried here goes out with an API key that the reader enters; it is kept nowhere. Sorting and layout need no
// script in the page, which the page policy would refuse.
const start = `SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: -1,
  persistAuthorization: false,
  validatorUrl: null,
});
`;

export function serveDocs<E extends object>(app: Hono<E>): void {
  app.get("/docs", (c) => c.html(page));
  app.get("/docs/start.js", (c) => c.body(start, 200, { "content-type": "text/javascript; charset=utf-8" }));
  for (const file of ["swagger-ui.css", "swagger-ui-bundle.js"]) {
    const folder = new URL(".", import.meta.resolve(`swagger-ui-dist/${file}`)).pathname;
    app.get(`/docs/${file}`, serveStatic({ root: decodeURIComponent(folder), path: file }));
  }
}
