import { z } from "zod";
import { AppError, invalidField } from "#core/errors.ts";
import type { Schema } from "#core/schema.ts";
import type { Auth, AuthorizationCode, SignatureScheme } from "./auth.ts";

/** What a person enters for a way to sign in: a text for each field. */
export type EnteredCredential = Readonly<Record<string, string>>;

const LONGEST = 65_536;

interface Field {
  label: string;
  description?: string;
  /** `plain` shows while it is typed; all of them are write-only. */
  kind: "secret" | "plain" | "key-file";
  optional?: true;
}

/**
 * The form of a way to sign in, and its check. Fields: `key` of an API key, `token` of a bearer, `username` and `password`
 * of basic, `client_id` and `client_secret` of client credentials, `key_file` (the text of a JSON file) of a service
 * account, `access_key_id` and `secret_access_key` of an access key, `secret` and, while it is being replaced, `previous_secret` of a signing secret, the declared ones of a
 * two-step sign-in; none for an OAuth sign-in, where nothing is entered here.
 */
export function credentialSchema(auth: Auth): Schema<Record<string, string>> {
  const fields = Object.entries(fieldsOf(auth));
  const shape = z.strictObject(Object.fromEntries(fields.map(([name, field]) => [name, valueShape(field)])));
  return {
    parse: (entered) =>
      Object.fromEntries(
        Object.entries(shape.parse(entered)).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
      ),
    jsonSchema: {
      type: "object",
      properties: Object.fromEntries(fields.map(([name, field]) => [name, formOf(field)])),
      required: fields.flatMap(([name, field]) => (field.optional ? [] : [name])),
      additionalProperties: false,
    },
  };
}

function fieldsOf(auth: Auth): Record<string, Field> {
  switch (auth.type) {
    case "none":
    case "oauth2_authorization_code":
      return {};
    case "api_key":
      return { key: { label: auth.label, kind: "secret" } };
    case "bearer":
      return { token: { label: auth.label, kind: "secret" } };
    case "basic":
      if (auth.passwordLabel === undefined) return { username: { label: auth.usernameLabel, kind: "secret" } };
      return {
        username: { label: auth.usernameLabel, kind: "plain" },
        password: { label: auth.passwordLabel, kind: "secret" },
      };
    case "oauth2_client_credentials":
      if (auth.clientAuth === "none") return { client_id: { label: "Client id", kind: "plain" } };
      return {
        client_id: { label: "Client id", kind: "plain" },
        client_secret: {
          label: auth.clientAuth === "private_key_jwt" ? "Private key (PEM)" : "Client secret",
          kind: auth.clientAuth === "private_key_jwt" ? "key-file" : "secret",
        },
      };
    case "service_account":
      return {
        key_file: {
          label: auth.label,
          description: "The JSON file as it was downloaded. Only its e-mail address and key are read.",
          kind: "key-file",
        },
      };
    case "signing_secret":
      return {
        secret: { label: auth.label, kind: "secret" },
        ...(auth.scheme.kind === "webhook" && {
          previous_secret: {
            label: "Secret before this one",
            description: "While the receiver may still have the old one: both sign. Leave it empty otherwise.",
            kind: "secret",
            optional: true,
          },
        }),
      };
    case "access_key":
      return {
        access_key_id: { label: "Access key ID", kind: "plain" },
        secret_access_key: { label: "Secret access key", kind: "secret" },
      };
    case "two_step":
      return Object.fromEntries(
        auth.fields.map(({ name, label, secret }) => [name, { label, kind: secret ? "secret" : "plain" }] as const),
      );
  }
}

function valueShape({ kind, optional }: Field) {
  const text = z
    .string()
    .max(LONGEST, `A credential has at most ${LONGEST} characters.`)
    .regex(/^[^\0]*$/, "A credential has no NUL character.")
    // Blanks and line ends around a value come from copying it.
    .transform((value) => value.trim())
    .refine((value) => value !== "", "This is needed.")
    .refine((value) => kind === "key-file" || !/\p{Cc}/u.test(value), "This is one line of text.");
  return optional ? text.optional() : text;
}

const formOf = ({ label, description, kind }: Field): Record<string, unknown> => ({
  type: "string",
  title: label,
  ...(description !== undefined && { description }),
  minLength: 1,
  maxLength: LONGEST,
  writeOnly: true,
  ...(kind === "secret" && { format: "password" }),
  ...(kind === "key-file" && { format: "key-file" }),
});

/**
 * What is sealed of it: as entered, except that of a key file only the e-mail address, the key and its id are read, never
 * an address (SR-43). @throws AppError invalid_request with pointers below /credential
 */
export function sealableFields(auth: Auth, entered: EnteredCredential): Record<string, string> {
  const fields = readEntered(auth, entered);
  if (auth.type === "signing_secret") refuseUnusableKeys(auth.scheme, fields);
  return auth.type === "service_account" ? readKeyFile(fields.key_file ?? "") : fields;
}

/** A secret that nothing can be signed with is told when it is entered, not at the first use. */
function refuseUnusableKeys(scheme: SignatureScheme, fields: Record<string, string>): void {
  for (const [name, value] of Object.entries(fields)) {
    if (scheme.kind === "webhook" && !isWebhookSecret(value)) {
      throw invalidField(
        `/credential/${name}`,
        "This is whsec_ and then base64 of 24 to 64 bytes, as the receiver shows it.",
      );
    }
    if (scheme.kind === "tenant" && scheme.key === "hex" && !/^(?:[0-9a-f]{2})+$/i.test(value)) {
      throw invalidField(
        `/credential/${name}`,
        "The key is to be read as hexadecimal digits, and this is something else.",
      );
    }
  }
}

function isWebhookSecret(value: string): boolean {
  const bytes = /^whsec_((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/.exec(value)?.[1];
  const length = bytes === undefined ? 0 : (bytes.replace(/=+$/, "").length * 3) >> 2;
  return length >= 24 && length <= 64;
}

function readEntered(auth: Auth, entered: EnteredCredential): Record<string, string> {
  try {
    return credentialSchema(auth).parse(entered);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const errors = error.issues.flatMap((issue) => {
      const names = issue.code === "unrecognized_keys" ? issue.keys : [String(issue.path[0] ?? "")];
      return names.map((name) => ({
        pointer: `/credential/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`,
        code: issue.code === "unrecognized_keys" ? "unknown" : issue.code === "invalid_type" ? "required" : "invalid",
        detail: wordsFor(issue),
      }));
    });
    throw new AppError("invalid_request", errors[0]?.detail ?? "The credential is not complete.", { errors });
  }
}

function wordsFor(issue: z.core.$ZodIssue): string {
  if (issue.code === "unrecognized_keys") return "This sign-in has no such field.";
  return issue.code === "invalid_type" ? "This is needed." : issue.message;
}

const keyFile = z.object({
  type: z.literal("service_account"),
  client_email: z
    .string()
    .min(3)
    .max(320)
    .regex(/^[^\s@]+@[^\s@]+$/),
  private_key: z.string().regex(/^-----BEGIN (?:RSA )?PRIVATE KEY-----\s/),
  private_key_id: z.string().min(1).max(256).optional(),
});

function readKeyFile(text: string): Record<string, string> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw invalidField("/credential/key_file", "This is not a JSON file. Give the key file as it was downloaded.");
  }
  const read = keyFile.safeParse(content);
  if (!read.success) {
    const missing = String(read.error.issues[0]?.path[0] ?? "type");
    throw invalidField(
      "/credential/key_file",
      `This is not the key file of a service account: its "${missing}" is missing or has another form.`,
    );
  }
  const { client_email, private_key, private_key_id } = read.data;
  return { client_email, private_key, ...(private_key_id !== undefined && { private_key_id }) };
}

/** Whether a person signs in at the provider itself: there is no credential to enter. */
export const needsPerson = (auth: Auth): auth is AuthorizationCode => auth.type === "oauth2_authorization_code";
