import { describe, expect, it } from "vitest";
import type { PredictionLogEntry } from "../../lib/serve/prediction-log.ts";
import { scoreOf } from "./fixtures/checkout.ts";
import { harness, predictionOf, problemOf, REQUEST, VECTOR } from "./fixtures/harness.ts";

const STALE = { lagMs: 121_000, status: "stale" } as const;

describe("POST /v1/predict", () => {
  it("answers the score with all that it was computed from", async () => {
    const { post, reader, scored } = harness();
    const response = await post("/v1/predict", REQUEST);
    expect(response.status).toBe(200);
    expect(response.headers.get("X-Freshness-Violation")).toBeNull();
    const position = [
      {
        writer: "0badf00d/shardId-000000000000",
        sequenceNumber: "49590338271490256608559692538361571095921575989136588898",
      },
    ];
    const fresh = {
      known: true,
      asOf: "2026-03-01T12:00:00.000Z",
      lagMs: 1_500,
      status: "fresh",
      warming: false,
      consistent: true,
      policy: "serve",
      position,
    };
    expect(await predictionOf(response)).toEqual({
      requestId: "id-1",
      asOf: "2026-03-01T12:00:00.000Z",
      score: scoreOf(VECTOR),
      model: { name: "fraud", version: 7 },
      policy: "serve",
      features: {
        "card.spend_1h": 1,
        "card.txns_1h": 11,
        "payer.failures_10m": 1,
        ratio: 80,
        "request.amount": 80,
      },
      views: {
        card: { view: "card", version: 2, key: { card: "c1" }, slaMs: 120_000, ...fresh },
        payer: { view: "account", version: 1, key: { account: "ann" }, slaMs: 300_000, ...fresh },
      },
      passedOver: [],
    });
    expect(scored).toEqual([{ model: "fraud", values: VECTOR }]);
    expect(reader.calls).toHaveLength(1);
    expect(reader.calls[0]!.map(({ plan, key }) => [plan.id, key])).toEqual([
      ["card@2", ["c1"]],
      ["account@1", ["ann"]],
    ]);
  });

  it("shows a null as null, and scores it as NaN", async () => {
    const { post, reader, scored } = harness();
    reader.changes.card = { known: false, values: { spend_1h: null, txns_1h: 0 }, positions: [] };
    const answer = await predictionOf(await post("/v1/predict", REQUEST));
    expect(scored[0]!.values).toEqual([Number.NaN, 0, 1, Number.NaN, 80]);
    expect(answer.features).toMatchObject({ "card.spend_1h": null, "card.txns_1h": 0, ratio: null });
    expect(answer.views.card).toMatchObject({ known: false, position: [] });
    expect(answer.views.payer?.known).toBe(true);
  });

  it("scores a model without views at the clock's time", async () => {
    const { post, reader } = harness();
    const answer = await predictionOf(
      await post("/v1/predict", { model: "amount_only", keys: {}, context: { amount: 80 } }),
    );
    expect(answer).toMatchObject({ score: 0.08, asOf: "2026-03-01T12:00:00.000Z", views: {} });
    expect(reader.calls).toHaveLength(0);
  });

  it("shows a warming view and serves it", async () => {
    const { post, reader } = harness();
    reader.changes.card = { status: "warming" };
    const response = await post("/v1/predict", REQUEST);
    expect(response.status).toBe(200);
    expect(response.headers.get("X-Freshness-Violation")).toBeNull();
    expect((await predictionOf(response)).views.card).toMatchObject({ status: "warming", policy: "serve" });
  });
});

describe("a violated SLA", () => {
  it("is rejected with Retry-After where the model says reject", async () => {
    const { post, reader, scored } = harness();
    reader.changes.card = { ...STALE, lagMs: 127_300 };
    const response = await post("/v1/predict", REQUEST);
    expect(response.status).toBe(503);
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    expect(response.headers.get("Retry-After")).toBe("8");
    expect(response.headers.get("X-Freshness-Violation")).toBe("card=stale");
    expect(await problemOf(response)).toMatchObject({
      type: "/problems/stale-features",
      status: 503,
      detail: expect.stringContaining("card: lag 127300 ms, SLA 120000 ms"),
    });
    expect(scored).toEqual([]);
  });

  it.each([
    ["unknown lag", { lagMs: null, status: "unknown" }, "card=unknown"],
    ["a lag over the SLA while warming", { lagMs: 120_001, status: "warming" }, "card=stale"],
    ["no lag while warming", { lagMs: null, status: "warming" }, "card=unknown"],
  ] as const)("is also %s", async (_, change, header) => {
    const { post, reader } = harness();
    reader.changes.card = change;
    const response = await post("/v1/predict", REQUEST);
    expect(response.status).toBe(503);
    expect(response.headers.get("X-Freshness-Violation")).toBe(header);
  });

  it("is served where the policy is serve, but said in header and answer", async () => {
    const { post, reader } = harness();
    reader.changes.card = STALE;
    reader.changes.account = { lagMs: null, status: "unknown" };
    const response = await post("/v1/predict", { ...REQUEST, onStale: "serve" });
    expect(response.status).toBe(200);
    expect(response.headers.get("X-Freshness-Violation")).toBe("card=stale, payer=unknown");
    const answer = await predictionOf(response);
    expect(answer).toMatchObject({ policy: "serve", score: scoreOf(VECTOR) });
    expect(answer.views.card).toMatchObject({ status: "stale", lagMs: 121_000, policy: "serve" });
    expect(answer.views.payer).toMatchObject({ status: "unknown", lagMs: null, policy: "serve" });
  });

  it("answers the default score where the policy is default", async () => {
    const { post, reader, scored } = harness();
    reader.changes.card = STALE;
    const response = await post("/v1/predict", { ...REQUEST, onStale: "default" });
    expect(response.status).toBe(200);
    expect(response.headers.get("X-Freshness-Violation")).toBe("card=stale");
    const answer = await predictionOf(response);
    expect(answer).toMatchObject({
      score: 0.125,
      policy: "default",
      features: null,
      model: { name: "fraud", version: 7 },
    });
    expect(answer.views.card?.policy).toBe("default");
    expect(answer.views.payer?.policy).toBe("serve");
    expect(scored).toEqual([]);
  });

  it("scores the fallback model where the policy is fallback, and says so", async () => {
    const { post, reader, scored } = harness();
    reader.changes.card = STALE;
    const response = await post("/v1/predict", { ...REQUEST, onStale: "fallback" });
    expect(response.status).toBe(200);
    expect(response.headers.get("X-Freshness-Violation")).toBe("card=stale");
    const answer = await predictionOf(response);
    expect(answer).toMatchObject({
      score: 0.08,
      policy: "fallback",
      model: { name: "amount_only", version: 1 },
      features: { "request.amount": 80 },
      views: {},
      passedOver: [
        {
          model: { name: "fraud", version: 7 },
          views: { card: { status: "stale", policy: "fallback" }, payer: { policy: "serve" } },
        },
      ],
    });
    expect(scored).toEqual([{ model: "amount_only", values: [80] }]);
  });

  it("leaves the policies alone while everything is fresh", async () => {
    const { post } = harness();
    for (const onStale of ["serve", "default", "fallback", "reject"]) {
      const answer = await predictionOf(await post("/v1/predict", { ...REQUEST, onStale }));
      expect(answer).toMatchObject({ policy: "serve", score: scoreOf(VECTOR), passedOver: [] });
    }
  });

  it.each(["default", "fallback"])(
    "refuses %s for a model that declares none, fresh or not",
    async (onStale) => {
      const { post } = harness();
      const response = await post("/v1/predict", { ...REQUEST, model: "plain", onStale });
      expect(response.status).toBe(400);
      expect(await problemOf(response)).toMatchObject({
        type: "/problems/policy-unavailable",
        errors: [{ pointer: "#/onStale" }],
      });
    },
  );
});

describe("the prediction log", () => {
  it("gets every answer with its vector and the positions it was read at", async () => {
    const entries: PredictionLogEntry[] = [];
    const { post, reader } = harness({ onPrediction: (entry) => void entries.push(entry) });
    reader.changes.card = { values: { spend_1h: null, txns_1h: 2 } };
    await post("/v1/predict", { ...REQUEST, context: { amount: 80, note: "gift" } });
    expect(entries).toEqual([
      {
        timeMs: Date.parse("2026-03-01T12:00:00.000Z"),
        requestId: "id-1",
        row: null,
        score: scoreOf([Number.NaN, 2, 1, Number.NaN, 80]),
        policy: "serve",
        requestedModel: { name: "fraud", version: 7 },
        model: { name: "fraud", version: 7 },
        service: { name: "checkout", version: 3 },
        context: { amount: 80, note: "gift" },
        vector: {
          names: ["card.spend_1h", "card.txns_1h", "payer.failures_10m", "ratio", "request.amount"],
          values: [null, 2, 1, null, 80],
        },
        views: {
          card: expect.objectContaining({ view: "card", version: 2, key: ["c1"], lagMs: 1_500 }),
          payer: expect.objectContaining({
            view: "account",
            key: ["ann"],
            positions: [
              {
                writer: "0badf00d/shardId-000000000000",
                sequenceNumber: "49590338271490256608559692538361571095921575989136588898",
              },
            ],
          }),
        },
      },
    ]);
    expect(JSON.parse(JSON.stringify(entries))).toEqual(entries);
  });

  it("fails without failing the answer, but in log and metrics", async () => {
    const { post, get, log } = harness({
      onPrediction: async () => {
        throw new Error("disk full");
      },
    });
    expect((await post("/v1/predict", REQUEST)).status).toBe(200);
    expect(log).toContainEqual({
      level: "error",
      message: "prediction not logged",
      fields: { requestId: "id-1", error: expect.objectContaining({ message: "disk full" }) },
    });
    expect(await (await get("/metrics")).text()).toContain("freshet_prediction_log_failures_total 1\n");
  });

  it("gets nothing for what was rejected", async () => {
    const entries: PredictionLogEntry[] = [];
    const { post, reader } = harness({ onPrediction: (entry) => void entries.push(entry) });
    reader.changes.card = STALE;
    await post("/v1/predict", REQUEST);
    expect(entries).toEqual([]);
  });
});
