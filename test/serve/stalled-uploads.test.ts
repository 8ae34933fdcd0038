import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { EmbeddedServer } from "../../lib/local/embedded-server.ts";
import { serveApi } from "../../lib/local/serve-api.ts";
import { type Admission, createAdmission } from "../../lib/serve/limits/admission.ts";
import { serveLimits } from "../../lib/serve/limits/limits.ts";
import { harness, REQUEST } from "./fixtures/harness.ts";

const LIMITS = { timeMs: 400, concurrentRequests: 4, waitingRequests: 0 };

/** A request whose body begins and does not go on; `answer` is what came back until its connection ended. */
function stall(endpoint: string, bodyBegins: string): { readonly socket: Socket; answer(): string } {
  const socket = connect(Number(new URL(endpoint).port), "127.0.0.1");
  let answer = "";
  socket.on("data", (data) => {
    answer += data.toString();
  });
  socket.on("error", () => {});
  const head = ["POST /v1/predict HTTP/1.1", "Host: localhost", "Content-Type: application/json"];
  socket.write([...head, bodyBegins].join("\r\n"));
  return { socket, answer: () => answer };
}

describe.each([
  ["of a length that was told", "Content-Length: 100\r\n\r\n{"],
  ["in chunks", "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"],
])("uploads %s that stall", (_, bodyBegins) => {
  let admission: Admission;
  let server: EmbeddedServer;
  let endpoint: string;
  beforeEach(async () => {
    admission = createAdmission(serveLimits(LIMITS));
    server = await serveApi({ app: harness({ limits: LIMITS, admission }).app, port: 0 });
    endpoint = server.endpoint;
  });
  afterEach(() => server.sever());

  const predict = async () => {
    const response = await fetch(`${endpoint}/v1/predict`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(REQUEST),
    });
    await response.arrayBuffer();
    return response.status;
  };
  const stallMany = () => Array.from({ length: 8 }, () => stall(endpoint, bodyBegins));

  it("keep nobody out while they last, are answered by the time limit, and hold up no end", async () => {
    const stalled = stallMany();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([await predict(), admission.active]).toEqual([200, 0]);
    await vi.waitFor(
      () => {
        for (const { answer } of stalled)
          expect(answer()).toMatch(/^HTTP\/1\.1 503 [\s\S]*time-limit-exceeded/);
      },
      { timeout: 3_000 },
    );
    for (const { socket } of stalled) socket.destroy();
    expect([await predict(), admission.active]).toEqual([200, 0]);
    await admission.drain();
    await server.stop();
  });

  it("keep nobody out once their clients have gone", async () => {
    const stalled = stallMany();
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (const { socket } of stalled) socket.destroy();
    expect(await predict()).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, LIMITS.timeMs));
    expect([await predict(), admission.active]).toEqual([200, 0]);
    await admission.drain();
  });
});
