import { z } from "zod";
import type { SigningSecret } from "#provider-kit/auth.ts";
import { schemaFrom } from "#provider-kit/schema-from.ts";

export interface Config {
  /** Without a slash at its end. */
  base_url: string;
  mode: "reference" | "inline" | "compatible";
  tenant_id: string;
  /** How the header of the compatible mode is made. */
  legacy_signature: "sha256-concat" | "hmac-sha256";
  legacy_key: "text" | "hex";
  /** Whether the names of folders give `doc_type` and `system_tag`, as they do in compatible mode. */
  folder_names: boolean;
}

/** What a person enters. `sandbox` is the one receiver that there is in a sandbox. */
export function configFor(sandbox: string | undefined) {
  const address = z
    .string()
    .trim()
    .max(2048)
    .transform((text, context) => {
      const read = readAddress(text, sandbox);
      if (typeof read === "string") return read;
      context.addIssue({ code: "custom", message: read.wrong });
      return z.NEVER;
    });
  const about = { title: "Address", description: "Of the service, such as https://digest.example.com." };
  return schemaFrom<Config>(
    z
      .strictObject({
        base_url: (sandbox === undefined ? address : address.prefault(sandbox)).meta(about),
        tenant_id: z
          .string()
          .regex(/^[A-Za-z0-9_-]{1,64}$/, "Letters, digits, _ and -, at most 64 of them.")
          .meta({ title: "Tenant", description: "By which the service knows whose documents these are." }),
        mode: z.enum(["reference", "inline", "compatible"]).default("reference").meta({
          title: "How documents are handed over",
          description:
            "reference: the service is told where the file is stored and reads it itself. inline: the bytes are sent along, up to 25 MiB. compatible: the older form, for services that know no other. Its signature is weak: it never changes, covers neither contents nor time, and whoever has seen it once can use it for ever.",
        }),
        legacy_signature: z.enum(["sha256-concat", "hmac-sha256"]).default("sha256-concat").meta({
          title: "Older signature",
          description: "For the compatible mode: sha256-concat is what is really sent, hmac-sha256 what its text says.",
        }),
        legacy_key: z.enum(["text", "hex"]).default("text").meta({
          title: "Key of the older signature",
          description: "text: the salt's characters are the key. hex: they are read as hexadecimal digits.",
        }),
        folder_names: z.boolean().default(false).meta({
          title: "Read type and system from the folders",
          description:
            "doc_type from the top folder, such as 02_Engineering, and system_tag from the first folder with a known word. What the sync's own rules give comes first. The compatible mode always does this.",
        }),
      })
      .refine(({ mode, base_url }) => mode !== "compatible" || isPrivateLine(base_url), {
        path: ["base_url"],
        error: "In compatible mode a password goes along: it is sent to https addresses alone.",
      }),
  );
}

/** Whoever listens on the way hears nothing. */
const isPrivateLine = (address: string): boolean =>
  /^https:|^http:\/\/(?:127(?:\.\d{1,3}){3}|\[::1\])(?:[:/]|$)/.test(address);

/** Plain http is for the way out to judge: it goes nowhere but where the operator has allowed it. */
function readAddress(text: string, sandbox: string | undefined): string | { wrong: string } {
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(whole)) return { wrong: "Enter the address of the service, such as https://digest.example.com." };
  const url = new URL(whole);
  if (url.username !== "" || url.password !== "") return { wrong: "Enter the address without user name and password." };
  if (url.search !== "" || url.hash !== "") return { wrong: "Enter the address without ? and #." };
  const address = `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
  if (sandbox !== undefined) {
    return address === sandbox ? address : { wrong: `The one service of the sandbox is ${sandbox}.` };
  }
  if (url.protocol !== "https:" && url.protocol !== "http:")
    return { wrong: "Enter an address that begins with https://." };
  return address;
}

/** Before there is a config, the way of the mode that is usual. */
export function signIn(config: Partial<Config>): SigningSecret {
  if (config.mode !== "compatible") {
    return { type: "signing_secret", label: "Signing secret", scheme: { kind: "webhook" } };
  }
  return {
    type: "signing_secret",
    label: "Salt",
    scheme: {
      kind: "tenant",
      tenant: config.tenant_id ?? "",
      formula: config.legacy_signature ?? "sha256-concat",
      key: config.legacy_key ?? "text",
      tenantHeader: "x-yacht-id",
      signatureHeader: "x-yacht-signature",
    },
  };
}
