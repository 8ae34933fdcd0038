import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { retryAfterMs } from "../../lib/client/api/retry-after.ts";
import { ApiError, type ClientOptions, client } from "../../lib/client/index.ts";
import { FreshetError } from "../../lib/define/error.ts";
import type { EmbeddedServer } from "../../lib/local/embedded-server.ts";
import { serveApi } from "../../lib/local/serve-api.ts";
import { byAmount, checkout, scoreOf } from "../serve/fixtures/checkout.ts";
import { type Harness, harness, VECTOR } from "../serve/fixtures/harness.ts";

const ROW = { keys: { card: "c1", payer: "ann" }, context: { amount: 80 } };

/** Waits that are only written down, and a clock that they move. */
function fakeTiming() {
  const waits: number[] = [];
  let nowMs = Date.parse("2026-03-01T12:00:00Z");
  return {
    waits,
    timing: {
      now: () => nowMs,
      random: () => 0.5,
      sleep: async (ms: number) => {
        waits.push(ms);
        nowMs += ms;
      },
    },
  };
}

describe("a client of the running API", () => {
  let served: Harness;
  let api: EmbeddedServer;
  beforeEach(async () => {
    served = harness({ limits: { concurrentRequests: 1, waitingRequests: 0 } });
    api = await serveApi({ app: served.app, port: 0 });
  });
  afterEach(() => api.stop());
  const fraud = (options: Partial<ClientOptions> = {}) =>
    client(checkout, { url: api.endpoint, model: "fraud", ...options });

  it("predicts", async () => {
    const prediction = await fraud().predict(ROW);
    expect(prediction).toMatchObject({
      score: scoreOf(VECTOR),
      policy: "serve",
      views: { card: { status: "fresh" }, payer: { key: { account: "ann" } } },
    });
    if (prediction.policy !== "fallback") expect(prediction.views.card.lagMs).toBe(1_500);
  });

  it("reads features", async () => {
    const { card, payer } = await fraud().features({ keys: ROW.keys });
    expect([card.features.spend_1h, payer.features.failures_10m, card.status]).toEqual([1, 1, "fresh"]);
    expect(served.reader.calls[0]!.map(({ plan }) => plan.id)).toEqual(["card@2", "account@1"]);
  });

  it("reads an entity's history under the service's own names", async () => {
    const read = served.reader.readHistory;
    const asked: unknown[] = [];
    const tile = { startMs: 0, endMs: 60_000, value: 2 };
    served.reader.readHistory = async (request, range) => {
      asked.push([request.plan.id, request.key, range]);
      const series = [
        {
          features: ["failures_10m"],
          emptyValue: 0,
          stretches: [{ fromMs: 0, toMs: 60_000, hopMs: 60_000 }],
          tiles: [tile],
        },
      ];
      return { ...(await read(request, range)), series, withoutTiles: [] };
    };
    const history = await fraud({ headers: { "X-Request-Id": "mine" } }).history("payer", {
      keys: { payer: "ann & bob?" },
      features: ["failures_10m"],
      from: "1970-01-01T00:00:00Z",
      to: 3_600_000,
    });
    expect(asked).toEqual([
      ["account@1", ["ann & bob?"], { features: ["failures_10m"], fromMs: 0, toMs: 3_600_000 }],
    ]);
    expect(history).toMatchObject({ view: "account", key: { account: "ann & bob?" }, status: "fresh" });
    expect(history).not.toHaveProperty("requestId");
    expect(history.series[0]!.tiles).toEqual([
      { start: "1970-01-01T00:00:00.000Z", end: "1970-01-01T00:01:00.000Z", value: 2, open: false },
    ]);
    await fraud().history("card", { keys: { card: "c1" } });
    expect(asked.at(-1)).toEqual(["card@2", ["c1"], {}]);
  });

  it("refuses a history that the service cannot have, before it is sent and after", async () => {
    // biome-ignore lint/suspicious/noExplicitAny: what the types refuse.
    const history = fraud().history as any;
    for (const [alias, keys, message] of [
      ["crad", { card: "c1" }, /"crad" is no view of the service; it has card, payer/],
      ["toString", {}, /"toString" is no view/],
      ["payer", {}, /history of payer: the key payer is missing/],
      ["payer", { payer: "ann", card: "c1" }, /history of payer: card is none of its keys/],
    ] as const) {
      const refused = history(alias, { keys });
      await expect(refused).rejects.toBeInstanceOf(ApiError);
      await expect(refused).rejects.toMatchObject({
        code: "REQUEST_INVALID",
        message: expect.stringMatching(message),
      });
    }
    expect(served.reader.calls).toEqual([]);
    await expect(history("card", { keys: { card: "c1" }, features: ["spend_2h"] })).rejects.toMatchObject({
      code: "REQUEST_INVALID",
      status: 400,
      problem: { errors: [{ pointer: "?feature" }] },
    });
  });

  it("predicts for a service without views", async () => {
    const amounts = client(byAmount, { url: `${api.endpoint}/`, model: "amount_only" });
    expect((await amounts.predict({ context: { amount: 80 } })).score).toBe(0.08);
    expect(await amounts.features({})).toEqual({});
  });

  it("predicts and reads for many, in parts of 500, what is wrong in its place", async () => {
    const rows = Array.from({ length: 1_001 }, (_, i) => ({
      keys: { card: i === 700 ? "" : `c${i}`, payer: "ann" },
      context: { amount: i + 1 },
    }));
    const results = await fraud().predictMany(rows);
    expect(served.runs.map((run) => run.rows)).toEqual([500, 499, 1]);
    for (const [i, result] of results.entries()) {
      if (i === 700) {
        expect(result).toBeInstanceOf(ApiError);
        expect(result).toMatchObject({ code: "REQUEST_INVALID", status: 400, problem: { errors: [{}] } });
      } else expect(result).toMatchObject({ features: { "request.amount": i + 1 } });
    }
    const features = await fraud().featuresMany([{ keys: ROW.keys }, { keys: { card: "", payer: "ann" } }]);
    expect(features).toMatchObject([
      { card: { features: { spend_1h: 1 } } },
      { code: "REQUEST_INVALID", problem: { errors: [{ pointer: "#/entities/1/keys/card" }] } },
    ]);
  });

  it("throws problems as errors of their code, with the document", async () => {
    const wrong = fraud().predict({ ...ROW, context: { amount: -1 } });
    await expect(wrong).rejects.toBeInstanceOf(FreshetError);
    await expect(wrong).rejects.toMatchObject({
      code: "REQUEST_INVALID",
      status: 400,
      message: expect.stringContaining("#/context/amount"),
      problem: { type: "/problems/invalid-request", errors: [{ pointer: "#/context/amount" }] },
    });
    await expect(client(checkout, { url: api.endpoint, model: "frod" }).predict(ROW)).rejects.toMatchObject({
      code: "REQUEST_INVALID",
      status: 404,
      problem: { type: "/problems/unknown-model" },
    });
  });

  it("waits as long as Retry-After says where features are stale, and no longer than its timeout", async () => {
    served.reader.changes.card = { lagMs: 122_500, status: "stale" };
    const { waits, timing } = fakeTiming();
    await expect(fraud({ timing, attempts: 3 }).predict(ROW)).rejects.toMatchObject({
      code: "FEATURES_STALE",
      status: 503,
    });
    // 3 s each, and half of up to 100 and 200 ms.
    expect(waits).toEqual([3_050, 3_100]);
    served.reader.changes.card = { lagMs: null, status: "unknown" };
    const unknown = fakeTiming();
    await expect(fraud({ timing: unknown.timing }).predict(ROW)).rejects.toMatchObject({
      code: "FEATURES_STALE",
    });
    expect(unknown.waits).toEqual([]);
  });

  it("is answered once the overload has passed", async () => {
    let open = () => {};
    served.reader.gate = new Promise((resolve) => {
      open = resolve;
    });
    const first = fraud().predict(ROW);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const waits: number[] = [];
    const timing = {
      now: () => 0,
      random: () => 0,
      sleep: async (ms: number) => {
        waits.push(ms);
        open();
        await first;
      },
    };
    expect((await fraud({ timing }).predict(ROW)).score).toBe(scoreOf(VECTOR));
    expect(waits).toEqual([1_000]);
  });

  it("gives up at its timeout, and when its caller does", async () => {
    served.reader.gate = new Promise(() => {});
    await expect(fraud({ timeoutMs: 40 }).predict(ROW)).rejects.toMatchObject({
      code: "API_TIMEOUT",
      status: null,
    });
    const stop = new AbortController();
    const waiting = fraud().predict(ROW, { signal: stop.signal });
    stop.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    served.reader.gate = null;
  });
});

describe("an answer that is not the API's", () => {
  let server: Server;
  let url: string;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  beforeAll(async () => {
    server = createServer((request, response) => answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/prefix`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it.each([
    [200, "<html>welcome</html>", "no JSON"],
    [200, '{"score":"high"}', "not this API's"],
    [502, "<html>bad gateway</html>", "no problem document"],
    [404, '{"message":"Not Found"}', "no problem document"],
  ])("is refused: %d %s", async (status, body, message) => {
    answer = (_, response) => response.writeHead(status).end(body);
    await expect(client(checkout, { url }).predict(ROW)).rejects.toMatchObject({
      code: "API_ANSWER_INVALID",
      message: expect.stringContaining(message),
    });
  });

  it.each([
    ["null", "null"],
    ["a list", "[]"],
    ["a text", '"score"'],
    ["no rows", '{"results":null}'],
    ["rows that are one", '{"results":{"0":{"score":1},"length":1}}'],
    ["a row of nothing", '{"results":[null]}'],
    ["a row of another kind", '{"results":[[]]}'],
    ["a row without its fields", '{"results":[{}]}'],
    ["a row's problem of nothing", '{"results":[{"problem":null}]}'],
    ["a row's problem of another kind", '{"results":[{"problem":{"code":7}}]}'],
    ["views of nothing", '{"views":null}'],
    ["a list of views", '{"views":[]}'],
    ["a list of rows' views", '{"results":[{"views":[]}]}'],
  ])("is refused where JSON is expected to have fields: %s", async (_, body) => {
    answer = (_, response) => response.writeHead(200).end(body);
    const api = client(checkout, { url });
    const refused = { code: "API_ANSWER_INVALID", message: expect.stringContaining("not this API's") };
    await expect(api.predict(ROW)).rejects.toMatchObject(refused);
    await expect(api.predictMany([ROW])).rejects.toMatchObject(refused);
    await expect(api.features({ keys: ROW.keys })).rejects.toMatchObject(refused);
    await expect(api.featuresMany([{ keys: ROW.keys }])).rejects.toMatchObject(refused);
  });

  it("is not waited for once the caller gives up, nor asked for again", async () => {
    let asked = 0;
    answer = (_, response) => {
      asked++;
      response.writeHead(503, { "Retry-After": "5" }).end();
    };
    const stop = new AbortController();
    const waiting = client(checkout, { url }).predict(ROW, { signal: stop.signal });
    await expect.poll(() => asked).toBe(1);
    setTimeout(() => stop.abort(new Error("enough")), 50);
    const startMs = performance.now();
    await expect(waiting).rejects.toThrow("enough");
    expect(performance.now() - startMs).toBeLessThan(2_000);
    // Nor where the wait itself does not end early.
    const late = new AbortController();
    let sent = 0;
    const options = {
      url,
      fetch: async () => {
        sent++;
        return new Response("", { status: 503 });
      },
      timing: { now: () => 0, random: () => 0, sleep: async () => late.abort(new Error("late")) },
    };
    await expect(client(checkout, options).predict(ROW, { signal: late.signal })).rejects.toThrow("late");
    expect([asked, sent]).toEqual([1, 1]);
  });

  it("is none to a request that JSON cannot write, which is not sent", async () => {
    let asked = 0;
    answer = (_, response) => {
      asked++;
      response.end();
    };
    const keys = { card: 1n as never, payer: "ann" };
    const refused = client(checkout, { url }).predict({ ...ROW, keys });
    await expect(refused).rejects.toBeInstanceOf(ApiError);
    await expect(refused).rejects.toMatchObject({
      code: "REQUEST_INVALID",
      message: expect.stringMatching(/v1\/predict cannot be written as JSON: .*BigInt/),
      problem: null,
      status: null,
    });
    expect(asked).toBe(0);
  });

  it("with 429 and no document is tried again as one with", async () => {
    let asked = 0;
    const seen: (string | undefined)[] = [];
    answer = (request, response) => {
      seen.push(request.url, request.headers.authorization);
      if (++asked < 3)
        response.writeHead(429, { "Retry-After": "Sun, 01 Mar 2026 12:00:02 GMT" }).end("slow down");
      else response.writeHead(200).end('{"requestId":"x","score":0.5,"policy":"serve"}');
    };
    const { waits, timing } = fakeTiming();
    const options = { url, timing, headers: { authorization: "Bearer t" } };
    expect(await client(checkout, options).predict(ROW)).toEqual({ score: 0.5, policy: "serve" });
    expect(waits).toEqual([2_050, 100]);
    expect(seen.slice(0, 2)).toEqual(["/prefix/v1/predict", "Bearer t"]);
  });

  it("is none where a fetch of one's own refuses the call, whose code it has", async () => {
    const refusal = new FreshetError("OPTION_INVALID", "no token is set.");
    const options = { url: "http://127.0.0.1:1", fetch: () => Promise.reject(refusal) };
    await expect(client(checkout, options).predict(ROW)).rejects.toMatchObject({
      name: "FreshetError",
      code: "OPTION_INVALID",
      message: "/v1/predict: no token is set.",
      cause: refusal,
      status: null,
    });
  });

  it("is none where nothing listens", async () => {
    const options = { url: "http://127.0.0.1:1" };
    await expect(client(checkout, options).predict(ROW)).rejects.toMatchObject({
      code: "API_UNREACHABLE",
      message: expect.stringContaining("127.0.0.1:1"),
    });
  });

  it.each([
    { url: "features.example.com" },
    { url: "ftp://features.example.com" },
    { url: "http://host", timeoutMs: 0 },
    { url: "http://host", attempts: 1.5 },
    { url: "http://host", timeout: 5_000 },
  ])("is not waited for with options that cannot be: %j", (options) => {
    expect(() => client(checkout, options)).toThrow(expect.objectContaining({ code: "OPTION_INVALID" }));
  });
});

describe("Retry-After", () => {
  const nowMs = Date.parse("2026-03-01T12:00:00Z");
  it.each([
    ["3", 3_000],
    ["0", 0],
    ["Sun, 01 Mar 2026 12:00:30 GMT", 30_000],
    ["Sun, 01 Mar 2026 11:00:00 GMT", 0],
    ["soon", null],
    [null, null],
  ])("%s is %s ms", (header, expected) => {
    expect(retryAfterMs(header, nowMs)).toBe(expected);
  });
});
