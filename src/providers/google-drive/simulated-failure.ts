/** A refusal in the words of Drive's API. */
export class DriveRefusal extends Error {
  override readonly name = "DriveRefusal";
  readonly answer: Response;

  constructor(code: number, reason: string, text: string, more: Details = {}) {
    super(text);
    this.answer = refusal(code, reason, text, more);
  }
}

interface Details {
  /** The parameter that is to blame. */
  location?: string;
  locationType?: string;
  domain?: string;
  status?: string;
  /** Of the failure as a whole, where it is another one. */
  message?: string;
}

export function refusal(code: number, reason: string, text: string, more: Details = {}): Response {
  const { location, locationType = "parameter", domain = "global", status, message = text } = more;
  const one = { message: text, domain, reason, ...(location !== undefined && { location, locationType }) };
  return Response.json({ error: { code, message, errors: [one], ...(status && { status }) } }, { status: code });
}

export const invalidValue = (location: string): DriveRefusal =>
  new DriveRefusal(400, "invalid", "Invalid Value", { location });

export const fileNotFound = (id: string): DriveRefusal =>
  new DriveRefusal(404, "notFound", `File not found: ${id}.`, { location: "fileId" });
