/** The ways in which Autodesk's layers refuse: each has a shape of its own. */

export const gateway = (status: number, errorCode: string, developerMessage: string): Response =>
  Response.json(
    {
      developerMessage,
      userMessage: "",
      errorCode,
      "more info": `http://developer.api.autodesk.com/documentation/v1/errors/${errorCode}`,
    },
    { status },
  );

export const quotaExceeded = (): Response =>
  Response.json({ developerMessage: "Quota limit exceeded." }, { status: 429, headers: { "retry-after": "25" } });

export const document = (status: number, code: string, title: string, detail: string): Response =>
  Response.json(
    {
      jsonapi: { version: "1.0" },
      errors: [{ id: "7f0d6f4e-3b0a-4c0e-9d2b-0f6a4f3b8c11", status: String(status), code, title, detail }],
    },
    { status, headers: { "content-type": "application/vnd.api+json" } },
  );

export const notFound = (): Response =>
  document(404, "NOT_FOUND", "Not Found", "The specified resource does not exist.");
export const badInput = (detail: string): Response =>
  document(400, "BAD_INPUT", "One or more input values are bad", detail);
export const noPermission = (): Response =>
  document(403, "BIM360DM_ERROR", "Forbidden", "You don't have permission to access this resource.");

/** Of the object storage service. */
export const reason = (status: number, text: string): Response => Response.json({ reason: text }, { status });

export const hookRefusal = (status: number, code: string, detail: string): Response =>
  Response.json(
    { id: "2ec1f3a0-9d0e-4f0a-8f38-6d3a5c1b7e42", status, code, title: code, detail: [detail] },
    { status },
  );

/** Of the host that keeps the bytes. */
export const xml = (status: number, code: string, message: string): Response =>
  new Response(
    `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message><RequestId>7KD1</RequestId></Error>`,
    { status, headers: { "content-type": "application/xml" } },
  );
