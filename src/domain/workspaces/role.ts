/** Roles of a workspace, least first. Each may do what those before it may (SR-55). */
const roles = ["viewer", "member", "admin", "owner"] as const;
export type Role = (typeof roles)[number];

export const isAtLeast = (role: Role, least: Role): boolean => roles.indexOf(role) >= roles.indexOf(least);

export function toRole(text: string): Role {
  const role = roles.find((known) => known === text);
  if (!role) throw new Error("a row holds a role that does not exist");
  return role;
}
