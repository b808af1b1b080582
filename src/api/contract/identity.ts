import { z } from "zod";
import { id, name, roles, route, time } from "./route.ts";

const email = z.email("That is not an e-mail address.").max(255);
const password = z.string().min(10, "Use at least 10 characters.").max(1024);

export const me = z.object({
  id,
  name: z.string(),
  email: z.string(),
  instance_admin: z.boolean(),
  workspaces: z.array(z.object({ id, name: z.string(), slug: z.string(), role: z.enum(roles) })),
});

export const setup = route({
  name: "identity.setup",
  method: "GET",
  path: "/setup",
  summary: "What a person who is not signed in must know",
  access: { who: "anyone" },
  reply: z.object({ first_user: z.boolean(), sign_up: z.enum(["open", "invited"]) }),
});

export const signUp = route({
  name: "identity.signUp",
  method: "POST",
  path: "/sign-up",
  summary: "Make an account; the first one runs the installation",
  access: { who: "anyone" },
  audit: "user.signed_up",
  body: z.strictObject({ name, email, password, invitation: z.string().max(255).optional() }),
  reply: me,
  status: 201,
  perMinute: 10,
});

export const signIn = route({
  name: "identity.signIn",
  method: "POST",
  path: "/sign-in",
  summary: "Sign in with e-mail and password",
  access: { who: "anyone" },
  audit: "user.signed_in",
  body: z.strictObject({ email, password: z.string().max(1024) }),
  reply: me,
  perMinute: 20,
});

export const signOut = route({
  name: "identity.signOut",
  method: "POST",
  path: "/sign-out",
  summary: "End this session",
  access: { who: "user" },
  audit: "user.signed_out",
  status: 204,
});

export const getMe = route({
  name: "identity.me",
  method: "GET",
  path: "/me",
  summary: "Who is signed in, and their workspaces",
  access: { who: "user" },
  reply: me,
});

export const updateMe = route({
  name: "identity.updateMe",
  method: "PATCH",
  path: "/me",
  summary: "Change one's own name",
  access: { who: "user" },
  audit: "user.updated",
  body: z.strictObject({ name }),
  reply: me,
});

export const changePassword = route({
  name: "identity.changePassword",
  method: "POST",
  path: "/me/password",
  summary: "Change the password and end all other sessions",
  access: { who: "user" },
  audit: "user.password_changed",
  body: z.strictObject({ current_password: z.string().max(1024), new_password: password }),
  status: 204,
  perMinute: 10,
});

export const listSessions = route({
  name: "identity.sessions",
  method: "GET",
  path: "/me/sessions",
  summary: "Where one is signed in",
  access: { who: "user" },
  reply: z.object({
    items: z.array(
      z.object({
        id,
        current: z.boolean(),
        created_at: time,
        expires_at: time,
        address: z.string().nullable(),
        user_agent: z.string().nullable(),
      }),
    ),
  }),
});

export const endSession = route({
  name: "identity.endSession",
  method: "DELETE",
  path: "/me/sessions/{id}",
  summary: "End one session",
  access: { who: "user" },
  audit: "user.session_ended",
  params: z.strictObject({ id }),
  status: 204,
});
