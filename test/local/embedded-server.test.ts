import { once } from "node:events";
import { createServer } from "node:http";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { type EmbeddedServer, listenLocally } from "../../lib/local/embedded-server.ts";

const MANY = 20;
const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** Answers everything with a text. */
async function startServer(text: string): Promise<EmbeddedServer> {
  return listenLocally(
    createServer((_, response) => response.end(text)),
    { graceMs: 15_000 },
  );
}

function connectTo({ endpoint }: EmbeddedServer): Socket {
  const socket = connect(Number(new URL(endpoint).port), "127.0.0.1");
  sockets.push(socket);
  return socket;
}

/** A connection that has been answered once and is kept alive. */
async function usedConnection(server: EmbeddedServer): Promise<Socket> {
  const socket = connectTo(server);
  socket.write(GET);
  await once(socket, "data");
  return socket;
}

/** All that still comes over a connection until it ends. */
async function rest(socket: Socket): Promise<string> {
  let text = "";
  for await (const chunk of socket) text += chunk;
  return text;
}

describe("a server that is stopped", () => {
  it("answers what had been sent on connections kept alive, and then closes them", async () => {
    const server = await startServer("done");
    const used = await Promise.all(Array.from({ length: MANY }, () => usedConnection(server)));
    // Sent, and read by nobody yet.
    for (const socket of used) socket.write(GET);
    const stopped = server.stop();
    for (const answer of await Promise.all(used.map(rest))) {
      expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*Connection: close\r\n[\s\S]*done$/);
    }
    await stopped;
  });

  it("answers connections that were made and not taken yet", async () => {
    const server = await startServer("done");
    const made = Array.from({ length: MANY }, () => connectTo(server));
    for (const socket of made) socket.write(GET);
    const answers = made.map(rest);
    await new Promise(process.nextTick);
    const stopped = server.stop();
    for (const answer of await Promise.all(answers)) expect(answer).toMatch(/done$/);
    await stopped;
  });

  it("writes answers whole, though their clients read slowly and others have their answer", async () => {
    const text = "long ".repeat(2_000_000);
    const server = await startServer(text);
    const slow = [connectTo(server), connectTo(server)];
    for (const socket of slow) socket.pause().write(GET);
    await sleep(100);
    const stopped = server.stop();
    const [first, second] = await Promise.all([rest(slow[0]!), sleep(200).then(() => rest(slow[1]!))]);
    expect([first.endsWith(text), second.endsWith(text)]).toEqual([true, true]);
    await stopped;
  });

  it("closes idle connections soon, those without a request too, and takes none any more", async () => {
    const server = await startServer("done");
    const idle = [await usedConnection(server), connectTo(server)];
    await once(idle[1]!, "connect");
    const beganMs = performance.now();
    const ended = idle.map(rest);
    await server.stop();
    expect(await Promise.all(ended)).toEqual(["", ""]);
    expect(performance.now() - beganMs).toBeLessThan(5_000);
    await expect(once(connectTo(server), "connect")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});
