/** What a pretend LinkedIn answers to calls of its API. */

export interface Member {
  /** The app's own name for the member. */
  readonly id: string;
  readonly name: string;
  readonly email: string;
  /** Some have none. */
  readonly picture?: string;
}

/** What LinkedIn has decided. Everything can be changed at any time. */
export interface LinkedInState {
  members: Member[];
  /** Approved partners get refresh tokens. */
  isPartner: boolean;
  /** The scopes of the products that the app has. */
  products: string[];
  /** So long a token that was just issued is answered as if it were revoked. */
  spreadingMs: number;
  /** Months that a version lives; `/rest/` takes no other. */
  versionMonths: number;
  /** What is told to everybody until midnight. */
  throttle: "none" | "APPLICATION DAY" | "MEMBER DAY";
}

export const newLinkedIn = (members: Member[]): LinkedInState => ({
  members,
  isPartner: false,
  products: ["openid", "profile", "email", "w_member_social"],
  spreadingMs: 0,
  versionMonths: 12,
  throttle: "none",
});

/** Whom a good token stands for. */
export interface LinkedInToken {
  readonly account: string;
  readonly scopes: readonly string[];
  readonly issuedAt: Date;
}

/** Answers one call. `token` says why a call has no good one. */
export function answer(
  state: LinkedInState,
  request: { method: string; path: string; headers: Headers; now: Date },
  token: LinkedInToken | "absent" | "unknown" | "revoked" | "expired",
): Response {
  const { method, path, headers, now } = request;
  switch (token) {
    case "absent":
      return fail(401, undefined, undefined, "Empty oauth2_access_token");
    case "unknown":
      return fail(401, 65600, "INVALID_ACCESS_TOKEN", "Invalid access token");
    case "revoked":
      return revoked();
    case "expired":
      return fail(401, 65602, "EXPIRED_ACCESS_TOKEN", "The token used in the request has expired");
  }
  if (now.getTime() - token.issuedAt.getTime() < state.spreadingMs) return revoked();
  if (state.throttle !== "none") {
    const message = `Resource level throttle ${state.throttle} limit for calls to this resource is reached.`;
    return fail(429, 101, "TOO_MANY_REQUESTS", message);
  }
  if (path.startsWith("/rest/"))
    return atVersion(state, headers, now) ?? notPermitted(`${path.slice("/rest/".length)}.GET`);
  if (method !== "GET" || path !== "/v2/userinfo")
    return fail(404, undefined, "RESOURCE_NOT_FOUND", "No virtual resource found");
  const member = state.members.find(({ id }) => id === token.account);
  const permitted = ["openid", "profile"].every((scope) => token.scopes.includes(scope));
  if (!permitted || !member) return notPermitted("userinfo.GET.NO_VERSION");
  return Response.json(profileOf(member, token.scopes.includes("email")));
}

function profileOf({ id, name, email, picture }: Member, withEmail: boolean) {
  const [given_name = "", ...rest] = name.split(" ");
  return {
    sub: id,
    name,
    given_name,
    family_name: rest.join(" "),
    // Documented as a text.
    locale: { country: "US", language: "en" },
    ...(picture !== undefined && { picture }),
    ...(withEmail && { email, email_verified: true }),
  };
}

/** What is wrong with the headers that every call below `/rest/` needs. */
function atVersion(state: LinkedInState, headers: Headers, now: Date): Response | undefined {
  const version = headers.get("linkedin-version");
  if (version === null) {
    const message = "A version must be present. Please specify a version by adding the LinkedIn-Version header.";
    return fail(400, undefined, "VERSION_MISSING", message);
  }
  const months = /^(\d{4})(\d{2})$/.exec(version);
  const age = months
    ? (now.getUTCFullYear() - Number(months[1])) * 12 + now.getUTCMonth() + 1 - Number(months[2])
    : Number.NaN;
  if (!(age >= 0 && age < state.versionMonths)) {
    return fail(426, undefined, "NONEXISTENT_VERSION", `Requested version ${version}01 is not active`);
  }
  if (headers.get("x-restli-protocol-version") !== "2.0.0") {
    return fail(400, undefined, "ILLEGAL_ARGUMENT", "Invalid Rest.li protocol version");
  }
  return undefined;
}

const revoked = (): Response =>
  fail(401, 65601, "REVOKED_ACCESS_TOKEN", "The token used in the request has been revoked by the user");

const notPermitted = (what: string): Response =>
  fail(403, 100, "ACCESS_DENIED", `Not enough permissions to access: ${what}`);

function fail(
  status: number,
  serviceErrorCode: number | undefined,
  code: string | undefined,
  message: string,
): Response {
  const body = {
    status,
    ...(serviceErrorCode !== undefined && { serviceErrorCode }),
    ...(code !== undefined && { code }),
    message,
  };
  return Response.json(body, { status, headers: { "x-restli-error-response": "true", "x-li-fabric": "simulated" } });
}
