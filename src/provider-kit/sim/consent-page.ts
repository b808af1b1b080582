import type { SimulatedAccount } from "./oauth-state.ts";

const inHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** Where a person picks an account and says yes or no. Works without script and style of others. */
export function consentPage(
  name: string,
  url: URL,
  accounts: readonly SimulatedAccount[],
  scopes: readonly string[],
): Response {
  const decide = (decision: Record<string, string>): string => {
    const target = new URL(url);
    for (const [key, value] of Object.entries(decision)) target.searchParams.set(key, value);
    return inHtml(`${target.pathname}${target.search}`);
  };
  const allow = accounts.map(
    ({ id, label }) =>
      `<p><a class="yes" href="${decide({ decision: "allow", account: id })}">Allow as ${inHtml(label)}</a></p>`,
  );
  return page(
    200,
    `Sign in at ${name}`,
    `<p>An app asks for access to your account at this pretend ${inHtml(name)}.</p>
<ul>${scopes.map((scope) => `<li><code>${inHtml(scope)}</code></li>`).join("")}</ul>
${allow.join("\n")}
<p><a href="${decide({ decision: "deny" })}">Deny</a></p>`,
  );
}

export const errorPage = (name: string, why: string): Response =>
  page(400, `${name} cannot go on`, `<p>${inHtml(why)}</p>`);

export function page(status: number, title: string, content: string): Response {
  const html = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${inHtml(title)}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 36rem; margin: 4rem auto; padding: 0 1rem; color: #16211f; background: #f6f7f5; }
a.yes { display: inline-block; padding: .4rem .9rem; border-radius: 6px; background: #0b5c6b; color: #fff; text-decoration: none; }
form { display: inline; } table { border-collapse: collapse; } td, th { padding: .3rem .8rem .3rem 0; text-align: left; }
@media (prefers-color-scheme: dark) { body { color: #e8eeeb; background: #0e1514; } a { color: #5cc3d1; } a.yes { background: #5cc3d1; color: #06201f; } }
</style></head>
<body><h1>${inHtml(title)}</h1>
${content}
<p><small>This is a simulator of Hawser's sandbox. Nothing here is the real service.</small></p>
</body></html>`;
  return new Response(html, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "referrer-policy": "no-referrer",
      "cache-control": "no-store",
    },
  });
}
