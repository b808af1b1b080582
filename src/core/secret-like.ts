/** Values that scanners of public texts look for, each by what it is called. */
export const secretPatterns: Readonly<Record<string, RegExp>> = {
  "a private key": /-----BEGIN ((RSA|EC|DSA|OPENSSH|ENCRYPTED|PGP) )?PRIVATE KEY( BLOCK)?-----/,
  "an AWS key": /\b(AKIA|ASIA)[0-9A-Z]{16}\b/,
  "a GitHub token": /\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,})/,
  "a Slack token": /\bxox[abeoprs]-[0-9A-Za-z-]{16,}/,
  "a Google key": /\bAIza[0-9A-Za-z_-]{35}\b|\bGOCSPX-[0-9A-Za-z_-]{20,}/,
  "a Stripe key": /\b[rs]k_live_[0-9A-Za-z]{16,}/,
  "an npm token": /\bnpm_[A-Za-z0-9]{36}\b/,
  // Found by its first dot: from each place where it could begin, a long text would be read to its end again and again.
  "a JSON Web Token": /\.eyJ(?<=\beyJ[A-Za-z0-9_-]{16,}\.eyJ)[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}/,
  "a master key": /MASTER_KEYS\s*[=:]\s*["'`]?[\w-]+:[A-Za-z0-9_-]{43}\b/,
};

/** `Bearer …` and `Basic …` with a value behind it, as they stand in a header. */
const authorization = /\b(Bearer|Basic|Token)\s+[A-Za-z0-9+/._~-]{16,}=*/i;
/** Found by what stands behind its scheme, for the same reason. */
const addressWithPassword = /:\/\/(?<=\b[a-z][a-z0-9+.-]*:\/\/)[^\s/:@]+:[^\s/@]+@/i;
/** Names of what is never written down in plain text. */
const secretName =
  /(^|[_.\s-])(password|passwd|secret|api[_-]?key|access[_-]?key|private[_-]?key|access[_-]?token|refresh[_-]?token|auth[_-]?token|bearer|authorization)$/i;

/**
 * What kind of secret a text seems to be or to hold; nothing where it is none. `name` is what it stands under: under
 * `password` or `X-Api-Key` every value that looks made up by a machine is taken for one.
 */
export function secretLike(text: string, name = ""): string | undefined {
  for (const [kind, pattern] of Object.entries(secretPatterns)) if (pattern.test(text)) return kind;
  if (addressWithPassword.test(text)) return "an address with a password";
  if (authorization.test(text)) return "a credential";
  return secretName.test(dashed(name)) && looksGenerated(text) ? `a value under "${name}"` : undefined;
}

/** `clientSecret` as `client-Secret`: then its last word is one. */
const dashed = (name: string): string => name.replace(/([a-z0-9])([A-Z])/g, "$1-$2");

/** Eight characters or more without a blank, letters and digits among them; no template, address or name of something. */
const looksGenerated = (text: string): boolean =>
  /^[^\s{}]{8,}$/.test(text) && /\d/.test(text) && /[A-Za-z]/.test(text) && !/^([a-z]+:\/\/|\/|\$)/.test(text);
