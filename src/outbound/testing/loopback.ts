/** Servers on loopback that tests reach through an exact exception (SR-19). */
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from "node:net";
import { onTestFinished } from "vitest";

export interface Loopback {
  port: number;
  /** `http://127.0.0.1:<port>` */
  origin: string;
  /** How many connections were made to it. */
  connections(): number;
}

/** A server that ends with the test. */
export async function serve(answer: RequestListener): Promise<Loopback> {
  const server = createServer(answer);
  onTestFinished(() => server.closeAllConnections());
  return listen(server);
}

/** A server that says whatever the test wants it to, HTTP or not. */
export async function serveRaw(answer: (socket: Socket) => void): Promise<Loopback> {
  const open = new Set<Socket>();
  const server = createTcpServer((socket) => {
    open.add(socket);
    socket.on("error", () => {});
    answer(socket);
  });
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
  });
  return listen(server);
}

async function listen(server: Server | TcpServer): Promise<Loopback> {
  let connections = 0;
  server.on("connection", () => {
    connections += 1;
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  onTestFinished(() => {
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, origin: `http://127.0.0.1:${port}`, connections: () => connections };
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
