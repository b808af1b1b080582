import type { Role } from "./contract.ts";

/** The roles of a workspace, most first, with what each may do. */
export const roleList: readonly { value: Role; label: string; may: string }[] = [
  { value: "owner", label: "Owner", may: "everything, also deleting the workspace" },
  { value: "admin", label: "Admin", may: "members, connections, keys and syncs" },
  { value: "member", label: "Member", may: "syncs and their files" },
  { value: "viewer", label: "Viewer", may: "looks, changes nothing" },
];

/** "admin: members, connections, keys and syncs" */
export function roleWords(role: Role): string {
  return `${role}: ${roleList.find((one) => one.value === role)?.may ?? ""}`;
}
