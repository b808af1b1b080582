import type { Provider } from "#provider-kit/provider.ts";
import { codeIn } from "./api.ts";

export const explain: NonNullable<Provider["explain"]> = ({ status, body }) => {
  const code = codeIn(body);
  if (status === 401) return { kind: "reauthorize", message: "Autodesk no longer accepts this sign-in." };
  if (code === "AUTH-010") {
    return {
      kind: "reauthorize",
      message: "The sign-in lacks a permission that is needed to read projects. Authorize again.",
    };
  }
  if (code === "AUTH-001" || code === "AUTH-003") {
    return {
      kind: "forbidden",
      message: "The Autodesk app has no access to the Data Management API. Add that API to it in Autodesk's portal.",
    };
  }
  return undefined;
};
