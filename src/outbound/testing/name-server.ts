/** A name server of the test's own, which may answer differently each time it is asked, as one that attacks does. */
import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { isIP } from "node:net";
import { onTestFinished } from "vitest";
import type { Resolve } from "../connect.ts";

export interface NameServer {
  /** Asks this server over UDP, for A and AAAA, as a resolver does that nothing is cached in. */
  resolve: Resolve;
  /**
   * What a name stands for: addresses, or another name as CNAME. Each further list is for the next time that it is asked
   * for; the last one stays.
   */
  set(name: string, ...turns: readonly (readonly string[])[]): void;
  /** How often a name was resolved. */
  asked(name: string): number;
}

const types = { A: 1, CNAME: 5, AAAA: 28 } as const;
type Type = keyof typeof types;

/** A name server that ends with the test, and does not know any name yet. */
export async function nameServer(): Promise<NameServer> {
  const zone = new Map<string, readonly (readonly string[])[]>();
  const questions = new Map<string, number>();

  /** Every record of an answer: CNAMEs are followed as far as this server knows their names. */
  const recordsOf = (name: string, type: Type): readonly Record[] => {
    const turns = zone.get(name) ?? [];
    const key = `${name} ${type}`;
    const turn = questions.get(key) ?? 0;
    questions.set(key, turn + 1);
    const found = turns[Math.min(turn, turns.length - 1)] ?? [];
    return found.flatMap((target) => {
      const kind = typeOf(target);
      if (kind === "CNAME") return [{ name, type: kind, target }, ...recordsOf(target, type)];
      return kind === type ? [{ name, type: kind, target }] : [];
    });
  };

  const socket = createSocket("udp4");
  onTestFinished(() => void socket.close());
  socket.on("message", (message, { port, address }) => {
    const { name, type, end } = readQuestion(message);
    const records = type ? recordsOf(name, type) : [];
    socket.send(writeAnswer(message.subarray(0, end), records, zone.has(name)), port, address);
  });
  await new Promise<void>((ready) => socket.bind(0, "127.0.0.1", ready));

  const resolver = new Resolver({ timeout: 2_000, tries: 1 });
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  return {
    async resolve(host) {
      const [ipv4, ipv6] = await Promise.all([
        resolver.resolve4(host).catch(noneOf),
        resolver.resolve6(host).catch(noneOf),
      ]);
      return [
        ...ipv4.map((address) => ({ address, family: 4 as const })),
        ...ipv6.map((address) => ({ address, family: 6 as const })),
      ];
    },
    set: (name, ...turns) => void zone.set(name, turns),
    asked: (name) => questions.get(`${name} A`) ?? 0,
  };
}

interface Record {
  name: string;
  type: Type;
  target: string;
}

function noneOf(error: NodeJS.ErrnoException): string[] {
  if (error.code === "ENODATA" || error.code === "ENOTFOUND") return [];
  throw error;
}

const typeOf = (target: string): Type => (isIP(target) === 4 ? "A" : isIP(target) === 6 ? "AAAA" : "CNAME");

function readQuestion(message: Buffer): { name: string; type: Type | undefined; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  const number = message.readUInt16BE(at + 1);
  const type = number === types.A ? "A" : number === types.AAAA ? "AAAA" : undefined;
  return { name: labels.join(".").toLowerCase(), type, end: at + 5 };
}

/** RFC 1035 4.1: the question again, with what was found. Nothing may be kept (a life of 0). */
function writeAnswer(question: Buffer, records: readonly Record[], isKnown: boolean): Buffer {
  const head = Buffer.from(question);
  // An answer, recursion wanted and available; 3 is "no such name".
  head.writeUInt16BE(0x8180 | (isKnown ? 0 : 3), 2);
  head.writeUInt16BE(records.length, 6);
  // No records about authority or, as EDNS would be, anything else.
  head.writeUInt32BE(0, 8);
  const answers = records.map(({ name, type, target }) => {
    const data = type === "CNAME" ? nameBytes(target) : addressBytes(target);
    const fixed = Buffer.alloc(10);
    fixed.writeUInt16BE(types[type], 0);
    fixed.writeUInt16BE(1, 2);
    fixed.writeUInt16BE(data.length, 8);
    return Buffer.concat([nameBytes(name), fixed, data]);
  });
  return Buffer.concat([head, ...answers]);
}

const nameBytes = (name: string): Buffer =>
  Buffer.concat([
    ...name.split(".").map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`, "latin1")),
    Buffer.of(0),
  ]);

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split(".").map(Number));
  // The URL parser writes the last two groups of a mapped address as hexadecimal too.
  const [before = "", after] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const groups = (text = "") => text.split(":").filter((group) => group !== "");
  const [left, right] = [groups(before), groups(after)];
  const all = [...left, ...Array(8 - left.length - right.length).fill("0"), ...right];
  return Buffer.from(all.map((group) => group.padStart(4, "0")).join(""), "hex");
}
