import { z } from "zod";
import { schemaFrom } from "#provider-kit/schema-from.ts";

export interface Config {
  /** The site's address without a slash at its end, such as `https://example.org/blog`. */
  siteUrl: string;
}

/** What a person enters: any address of the site. `sandbox` is the one site that there is in a sandbox. */
export function configFor(sandbox: string | undefined) {
  const about = { title: "Site", description: "The address of the site, such as example.org or example.org/blog." };
  const site = z
    .string()
    .trim()
    .max(2048)
    .transform((text, context) => {
      const read = readSite(text, sandbox);
      if (typeof read === "string") return read;
      context.addIssue({ code: "custom", message: read.wrong });
      return z.NEVER;
    })
    .meta(about);
  return schemaFrom<Config>(
    z.strictObject({ siteUrl: sandbox === undefined ? site : site.prefault(sandbox).meta(about) }),
  );
}

/** People paste what stands in the address bar, also of a page behind the sign-in. */
const behindTheSite = /\/(?:wp-admin|wp-login\.php|wp-json)(?:\/.*)?$/;

function readSite(text: string, sandbox: string | undefined): string | { wrong: string } {
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(whole)) return { wrong: "Enter the address of the site, such as example.org or example.org/blog." };
  const url = new URL(whole);
  if (url.username !== "" || url.password !== "") {
    return { wrong: "Enter the address without user name and password. They are entered as the credential." };
  }
  const path = url.pathname.replace(behindTheSite, "").replace(/\/+$/, "");
  const site = `${url.origin}${path}`;
  if (sandbox !== undefined) {
    return site === sandbox ? site : { wrong: `The one site of the sandbox is ${sandbox}.` };
  }
  if (url.protocol !== "https:") {
    return { wrong: "A password is sent to https addresses only. If the site has one, begin with https://." };
  }
  return site;
}
