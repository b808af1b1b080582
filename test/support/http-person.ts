/** A person with an account and a workspace who uses a running Hawser over HTTP. */
export interface HttpPerson {
  workspace: string;
  /** Below the workspace: `/syncs` for instance. @throws when the answer is not 2xx */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  ask(method: string, path: string, body?: unknown): Promise<any>;
  /** Opens an address as a browser does; answers where it is sent on to. */
  visit(address: string): Promise<string>;
  /** A connection of root `source`, or of a folder in it. Answers its id. */
  connect(name: string, path?: string): Promise<string>;
  /** A sync of that connection into root `target`. Answers its id. */
  sync(connection: string, name: string, settings: object): Promise<string>;
}

/** Signs somebody up, who makes a workspace. */
export async function signUp(url: string, name = "Ada"): Promise<HttpPerson> {
  let cookie = "";
  const request = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      // A server that was killed, or waited long, has closed the connections that are kept here.
      headers: {
        connection: "close",
        "content-type": "application/json",
        origin: url,
        "x-requested-with": "portal",
        cookie,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    const set = response.headers.get("set-cookie")?.split(";")[0];
    if (set !== undefined) cookie = set;
    return text === "" ? undefined : JSON.parse(text);
  };
  await request("POST", "/sign-up", { name, email: `${name.toLowerCase()}@example.com`, password: "correct horse" });
  const { id: workspace } = await request("POST", "/workspaces", { name: "Harbour" });
  const ask: HttpPerson["ask"] = (method, path, body) => request(method, `/workspaces/${workspace}${path}`, body);
  return {
    workspace,
    ask,
    async visit(address) {
      const headers = { connection: "close", ...(address.startsWith(url) && { cookie }) };
      const answer = await fetch(address, { headers, redirect: "manual" });
      return answer.headers.get("location") ?? "";
    },
    async connect(connection, path) {
      const config = { root: "source", ...(path !== undefined && { path }) };
      return (await ask("POST", "/connections", { provider: "local-folder", name: connection, config })).id;
    },
    async sync(connection, title, settings) {
      const { items } = await ask("GET", `/connections/${connection}/drives`);
      const [{ id, name }] = items;
      return (await ask("POST", "/syncs", { connection_id: connection, name: title, drive: { id, name }, ...settings }))
        .id;
    },
  };
}
