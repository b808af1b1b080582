import { isList, isObject, type Json, type JsonObject } from "#expressions/json.ts";
import { readAddress } from "../definition/address.ts";
import { Names, oneLineOf, toSnake } from "./names.ts";
import type { Reporter } from "./report.ts";

export interface ImportedServer {
  /** Empty where the document does not tell a whole address. */
  baseUrl: string;
  variables: Record<string, Json>[];
}

/** The first server of a document. Its variables become those of a connection. */
export function importServer(document: JsonObject, reporter: Reporter): ImportedServer {
  const servers = document.servers !== undefined && isList(document.servers) ? document.servers : [];
  const server = servers.find(isObject);
  if (servers.length > 1) reporter.note("servers", "The document names several servers; the first one is taken.");
  const url = secured(typeof server?.url === "string" ? server.url.replace(/\/+$/, "") : "", reporter);
  if (!/^(?:https?|\{[^}]+\}):\/\//i.test(url)) {
    reporter.note("servers", "The document does not tell a whole address. Enter the base address.");
    return { baseUrl: "", variables: [] };
  }
  const written = isObject(server?.variables) ? server.variables : {};
  return withVariables(url, written) ?? withDefaults(url, written, reporter);
}

/** Documents are older than the habits of their servers. */
function secured(url: string, reporter: Reporter): string {
  if (!/^http:\/\//i.test(url)) return url;
  reporter.note("servers", "The address is written with http; it is taken with https.");
  return `https${url.slice("http".length)}`;
}

function withVariables(url: string, written: JsonObject): ImportedServer | undefined {
  const variables: Record<string, Json>[] = [];
  const names = new Names();
  // A scheme or a port cannot be filled in by a connection.
  const fixed = url.replace(
    /^\{([^}]+)\}(?=:\/\/)|(?<=:)\{([^}]+)\}/g,
    (text, scheme: string, port: string) => defaultOf(written[scheme ?? port]) ?? text,
  );
  const baseUrl = fixed.replace(/\{([^{}]+)\}/g, (_, name: string) => {
    const ident = names.unique(toSnake(name, 60), 60);
    variables.push(toVariable(ident, name, written[name]));
    return `{${ident}}`;
  });
  const listed = new Set(variables.flatMap(({ name, enum: values }) => (values === undefined ? [] : [String(name)])));
  return isAddress(baseUrl, listed) ? { baseUrl, variables } : undefined;
}

function withDefaults(url: string, written: JsonObject, reporter: Reporter): ImportedServer {
  const baseUrl = url.replace(/\{([^{}]+)\}/g, (text, name: string) => defaultOf(written[name]) ?? text);
  if (isAddress(baseUrl, new Set())) {
    reporter.note(
      "servers",
      "The server's variables stand where a connection cannot fill them in; their defaults are taken.",
    );
    return { baseUrl, variables: [] };
  }
  reporter.note("servers", "The server's address cannot be taken over. Enter the base address.");
  return { baseUrl: "", variables: [] };
}

function toVariable(ident: string, name: string, written: Json | undefined): Record<string, Json> {
  const about = isObject(written) ? written : {};
  const description = oneLineOf(about.description, 500);
  const values =
    about.enum !== undefined && isList(about.enum) ? about.enum.filter((one) => typeof one === "string") : [];
  const listed = values.length > 0 && values.length <= 100 && values.every((one) => one.trim() === one && one !== "");
  const pattern = "[A-Za-z0-9][A-Za-z0-9._~-]*";
  const usual = defaultOf(about);
  const isUsual =
    usual !== undefined && (listed ? values.includes(usual) : /^[A-Za-z0-9][A-Za-z0-9._~-]*$/.test(usual));
  return {
    name: ident,
    label: oneLineOf(name, 200) ?? ident,
    ...(description !== undefined && { description }),
    ...(listed ? { enum: values } : { pattern }),
    ...(isUsual && { default: usual }),
  };
}

const defaultOf = (written: Json | undefined): string | undefined =>
  isObject(written) && (typeof written.default === "string" || typeof written.default === "number")
    ? String(written.default)
    : undefined;

function isAddress(url: string, listed: ReadonlySet<string>): boolean {
  try {
    readAddress(url, listed);
    return true;
  } catch {
    return false;
  }
}
