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
  if (code === "USER_NOT_AUTHENTICATED") {
    return {
      kind: "forbidden",
      message: "Autodesk wants to know for which user the app asks. Enter the user's Autodesk ID in the connection.",
    };
  }
  if (status === 403 && code === "BIM360DM_ERROR") {
    return {
      kind: "forbidden",
      message: "Autodesk does not let this account in there, or the project is archived.",
    };
  }
  // A webhook for the same address and folder is there already.
  if (status === 409) return { kind: "rejected", code: "exists" };
  // For a while after a project was made; and what somebody has locked.
  if ((status === 400 && code === "BIM360DM_ERROR") || status === 423) {
    return { kind: "unavailable", message: "Autodesk is not ready for this yet." };
  }
  if (status === 416) return { kind: "unavailable", message: "The file is shorter than it was." };
  // A storage host's XML: an address is good for a few minutes, and the next try gets a new one.
  if ((status === 400 || status === 403) && typeof body === "string" && /<Error>.*<Code>/s.test(body)) {
    return { kind: "unavailable", message: "The address for the download has run out." };
  }
  return undefined;
};
