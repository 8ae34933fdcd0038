import { describe, expect, it, vi } from "vitest";
import { createAdmission } from "../../lib/serve/limits/admission.ts";
import { serveLimits } from "../../lib/serve/limits/limits.ts";
import { harness, problemOf, REQUEST } from "./fixtures/harness.ts";

/** A gate that reads wait at until it is opened. */
function gate(): { readonly closed: Promise<void>; open: () => void } {
  let open = () => {};
  const closed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { closed, open };
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

async function gauges(get: (path: string) => Promise<Response>): Promise<readonly (string | undefined)[]> {
  const text = await (await get("/metrics")).text();
  return ["active", "waiting"].map(
    (name) => new RegExp(`^freshet_http_requests_${name} (\\d+)$`, "m").exec(text)?.[1],
  );
}

describe("limits", () => {
  it.each([
    ["bodyBytes", 0],
    ["timeMs", 1.5],
    ["concurrentRequests", -1],
    ["waitingRequests", Number.NaN],
  ])("are whole numbers: %s is not %d", (name, value) => {
    expect(() => serveLimits({ [name]: value })).toThrow(expect.objectContaining({ code: "OPTION_INVALID" }));
  });

  it("answers 413 past the number of entities, and takes just as many", async () => {
    const { post } = harness({ limits: { entities: 3 } });
    const body = (count: number) => ({ view: "card", entities: Array(count).fill({ keys: { card: "c" } }) });
    expect((await post("/v1/features", body(3))).status).toBe(200);
    const response = await post("/v1/features", body(4));
    expect(response.status).toBe(413);
    expect(await problemOf(response)).toMatchObject({
      type: "/problems/too-many-entities",
      detail: expect.stringContaining("4 entities; at most 3"),
    });
  });
});

describe("overload", () => {
  it("lets some in, more wait, and answers 429 with Retry-After to the rest; those let in are answered", async () => {
    const { post, get, reader } = harness({ limits: { concurrentRequests: 2, waitingRequests: 3 } });
    const { closed, open } = gate();
    reader.gate = closed;
    const answers = Array.from({ length: 9 }, () => post("/v1/predict", REQUEST));
    await turn();
    const settled = await Promise.all(
      answers.map((answer) => Promise.race([answer.then(({ status }) => status), turn().then(() => "open")])),
    );
    expect(settled.sort()).toEqual([429, 429, 429, 429, "open", "open", "open", "open", "open"]);
    expect(await gauges(get)).toEqual(["2", "3"]);
    expect(reader.calls).toHaveLength(0);
    // Probes are answered all the same.
    expect((await get("/healthz")).status).toBe(200);
    open();
    const responses = await Promise.all(answers);
    expect(responses.map(({ status }) => status).sort()).toEqual([
      200, 200, 200, 200, 200, 429, 429, 429, 429,
    ]);
    const refused = responses.find(({ status }) => status === 429)!;
    expect(refused.headers.get("Retry-After")).toBe("1");
    expect(await problemOf(refused)).toMatchObject({ type: "/problems/overloaded", code: "OVERLOADED" });
    expect(await gauges(get)).toEqual(["0", "0"]);
    expect((await post("/v1/predict", REQUEST)).status).toBe(200);
  });

  it("gives the place of a request that failed to the next", async () => {
    const { post, reader } = harness({ limits: { concurrentRequests: 1, waitingRequests: 1 } });
    reader.failure = new Error("no");
    for (let i = 0; i < 3; i++) expect((await post("/v1/predict", REQUEST)).status).toBe(500);
    expect((await post("/v1/predict", { ...REQUEST, keys: {} })).status).toBe(400);
    reader.failure = null;
    expect((await post("/v1/predict", REQUEST)).status).toBe(200);
  });
});

describe("the time limit", () => {
  it("answers 503, and keeps the place of work that goes on; what waited is not begun", async () => {
    const { post, get, reader } = harness({ limits: { timeMs: 30, concurrentRequests: 1 } });
    const { closed, open } = gate();
    reader.gate = closed;
    const [working, waiting] = [post("/v1/predict", REQUEST), post("/v1/predict", REQUEST)];
    for (const answer of [working, waiting]) {
      const response = await answer;
      expect([response.status, response.headers.get("Retry-After")]).toEqual([503, "1"]);
      expect(await problemOf(response)).toMatchObject({
        type: "/problems/time-limit-exceeded",
        code: "TIME_LIMIT_EXCEEDED",
      });
    }
    expect(await gauges(get)).toEqual(["1", "0"]);
    open();
    await turn();
    expect(await gauges(get)).toEqual(["0", "0"]);
    expect(reader.calls).toHaveLength(1);
  });

  it("leaves no timer behind an answer", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const { post } = harness();
      expect((await post("/v1/predict", REQUEST)).status).toBe(200);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("a place", () => {
  it("is given back once, however often it is left", async () => {
    const admission = createAdmission(serveLimits({ concurrentRequests: 2 }));
    const [leave] = [(await admission.enter())!, await admission.enter()];
    leave();
    leave();
    expect(admission.active).toBe(1);
  });

  it("is not taken by who gave up, before waiting or while, and not lost by who gives up holding it", async () => {
    const admission = createAdmission(serveLimits({ concurrentRequests: 1 }));
    const [holds, waits] = [new AbortController(), new AbortController()];
    expect(await admission.enter(AbortSignal.abort())).toBeNull();
    const leave = (await admission.enter(holds.signal))!;
    const waiting = admission.enter(waits.signal);
    waits.abort();
    expect(await waiting).toBeNull();
    holds.abort();
    expect([admission.active, admission.waiting]).toEqual([1, 0]);
    leave();
    expect([admission.active, admission.waiting]).toEqual([0, 0]);
  });
});

describe("draining", () => {
  it("refuses what comes, finishes what was let in and what waits, and then resolves", async () => {
    const admission = createAdmission(serveLimits({ concurrentRequests: 1 }));
    const { post, get, reader, log } = harness({ admission });
    const { closed, open } = gate();
    reader.gate = closed;
    const accepted = [post("/v1/predict", REQUEST), post("/v1/predict", REQUEST)];
    await turn();
    let ended = false;
    const drained = admission.drain().then(() => {
      ended = true;
    });
    const refused = await post("/v1/predict", REQUEST);
    expect([refused.status, refused.headers.get("Retry-After"), refused.headers.get("Connection")]).toEqual([
      503,
      "1",
      "close",
    ]);
    expect((await problemOf(refused)).type).toBe("/problems/shutting-down");
    expect(log).toMatchObject([{ level: "info", fields: { status: 503, problem: "shutting-down" } }]);
    expect((await get("/healthz")).status).toBe(200);
    expect(ended).toBe(false);
    open();
    expect((await Promise.all(accepted)).map(({ status }) => status)).toEqual([200, 200]);
    await drained;
    await admission.drain();
  });

  it("ends once the time limit has answered everything, though work goes on", async () => {
    const admission = createAdmission(serveLimits({ timeMs: 30 }));
    const { post, reader } = harness({ admission, limits: { timeMs: 30 } });
    reader.gate = new Promise(() => {});
    const answer = post("/v1/predict", REQUEST);
    await turn();
    await admission.drain();
    expect((await answer).status).toBe(503);
    expect(admission.active).toBe(1);
  });

  it("of an app at rest resolves at once", async () => {
    await createAdmission(serveLimits()).drain();
  });
});
