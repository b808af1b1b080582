// Accounts at pretend providers, in every state that the page of a connection has to show.
import type { HttpPerson } from "./http-person.ts";

export interface SomeAccounts {
  /** Medium, in order. */
  inOrder: string;
  /** Google Drive, where nobody has signed in yet. */
  notSignedIn: string;
  /** Medium, whose token was taken back. */
  refused: string;
  /** Autodesk, the real one, which has no app to sign in through. */
  withoutApp: string;
}

/** The sandbox of the installation must be on. */
export async function someAccounts(person: HttpPerson, sandbox: string): Promise<SomeAccounts> {
  const connect = async (name: string, provider: string, more: object = {}): Promise<string> =>
    (await person.ask("POST", "/connections", { name, provider, tags: ["publishing"], ...more })).id;
  const medium = async (name: string): Promise<string> =>
    connect(name, "medium", { sandbox: true, credential: { token: await tokenOfMedium(sandbox) } });

  const refused = await medium(
    "Medium of the press office, which nobody has looked after since the summer of last year",
  );
  await fetch(sandbox, { method: "POST", body: new URLSearchParams({ service: "medium", act: "revoke" }) });
  await person.ask("POST", `/connections/${refused}/test`);
  return {
    inOrder: await medium("Medium, sandbox"),
    notSignedIn: await connect("Drive, Engineering", "google-drive", { sandbox: true }),
    refused,
    withoutApp: await connect("Autodesk", "autodesk"),
  };
}

async function tokenOfMedium(sandbox: string): Promise<string> {
  const page = await (await fetch(sandbox)).text();
  const token = /Integration token of @\S+: (\S+?)</.exec(page)?.[1];
  if (token === undefined) throw new Error("the sandbox tells no token of Medium");
  return token;
}
