import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FreshetError } from "../../lib/define/error.ts";
import {
  type FeaturesBatchAnswer,
  featuresBatchAnswer,
  type PredictionBatchAnswer,
  predictionBatchAnswer,
} from "../../lib/serve/answers.ts";
import type { PredictionLogEntry } from "../../lib/serve/prediction-log.ts";
import { scoreOf } from "./fixtures/checkout.ts";
import { harness, predictionOf, problemOf, REQUEST, VECTOR } from "./fixtures/harness.ts";

const row = (card: string, amount = 80) => ({ keys: { card, payer: "ann" }, context: { amount } });
const STALE = { lagMs: 121_000, status: "stale" } as const;

async function batchOf(response: Response): Promise<PredictionBatchAnswer> {
  return predictionBatchAnswer.parse(await response.json());
}

describe("POST /v1/predict with entities", () => {
  it("reads once and runs the model once for 500, each answered as it would be alone", async () => {
    const { post, reader, runs } = harness();
    const entities = Array.from({ length: 500 }, (_, i) => row(`c${i}`, i + 1));
    const response = await post("/v1/predict", { model: "fraud", entities });
    expect(response.status).toBe(200);
    const { results } = await batchOf(response);
    expect(results).toHaveLength(500);
    expect(reader.calls.map((call) => call.length)).toEqual([1_000]);
    expect(runs).toEqual([{ model: "fraud", rows: 500 }]);
    for (const index of [0, 123, 499]) {
      const { requestId: _, ...alone } = await predictionOf(
        await post("/v1/predict", { model: "fraud", ...entities[index] }),
      );
      expect(results[index]).toEqual(alone);
    }
  });

  it("answers what is wrong with a row in its place, and the others all the same", async () => {
    const { post, reader, scored } = harness();
    reader.failures.c3 = new FreshetError("IMAGE_CORRUPT", "item card@2|sc3 in table secret");
    reader.failures.c4 = new FreshetError("ENTITY_KEY_INVALID", "key card: ill-formed Unicode.");
    const { results } = await batchOf(
      await post("/v1/predict", {
        model: "plain",
        entities: [row("c0"), { keys: { card: 5 } }, row("c2", -1), row("c3"), row("c4"), row("c5")],
      }),
    );
    expect(results).toMatchObject([
      { score: scoreOf(VECTOR), policy: "serve" },
      {
        problem: {
          type: "/problems/invalid-request",
          code: "REQUEST_INVALID",
          status: 400,
          requestId: "id-1",
          errors: [
            { pointer: "#/entities/1/keys/card", issue: "wrong-type" },
            { pointer: "#/entities/1/keys/payer", issue: "missing" },
            { pointer: "#/entities/1/context/amount", issue: "missing" },
          ],
        },
      },
      { problem: { errors: [{ pointer: "#/entities/2/context/amount", issue: "invalid-value" }] } },
      { problem: { type: "/problems/internal", status: 500 } },
      { problem: { errors: [{ pointer: "#/entities/4/keys" }] } },
      { score: scoreOf(VECTOR) },
    ]);
    expect(JSON.stringify(results)).not.toContain("secret");
    expect(scored).toHaveLength(2);
  });

  it("judges each row by its own freshness, and takes those that fall back on together", async () => {
    const { post, reader, runs } = harness();
    reader.changes["card c1"] = STALE;
    reader.changes["card c3"] = STALE;
    const entities = [row("c0"), row("c1"), row("c2"), row("c3")];
    const fallback = await post("/v1/predict", { model: "fraud", onStale: "fallback", entities });
    expect((await batchOf(fallback)).results).toMatchObject([
      { policy: "serve", model: { name: "fraud" } },
      { policy: "fallback", model: { name: "amount_only" }, score: 0.08, passedOver: [{ views: {} }] },
      { policy: "serve" },
      { policy: "fallback" },
    ]);
    expect(fallback.headers.get("X-Freshness-Violation")).toBe("card=stale");
    expect(runs).toEqual([
      { model: "fraud", rows: 2 },
      { model: "amount_only", rows: 2 },
    ]);
    const rejected = await batchOf(await post("/v1/predict", { model: "fraud", entities }));
    expect(rejected.results.map((each) => ("problem" in each ? each.problem.type : each.policy))).toEqual([
      "serve",
      "/problems/stale-features",
      "serve",
      "/problems/stale-features",
    ]);
    const given = await batchOf(await post("/v1/predict", { model: "fraud", onStale: "default", entities }));
    expect(given.results.map((each) => "score" in each && each.score)).toEqual([
      scoreOf(VECTOR),
      0.125,
      scoreOf(VECTOR),
      0.125,
    ]);
  });

  it("answers any mix of rows in their places", async () => {
    const kind = fc.constantFrom("good", "stale", "bad key", "unreadable");
    await fc.assert(
      fc.asyncProperty(fc.array(kind, { minLength: 1, maxLength: 30 }), async (kinds) => {
        const { post, reader } = harness();
        const entities = kinds.map((each, i) => {
          if (each === "stale") reader.changes[`card c${i}`] = STALE;
          if (each === "unreadable") reader.failures[`c${i}`] = new FreshetError("AS_OF_TOO_OLD", "old");
          return each === "bad key" ? { ...row("x"), keys: {} } : row(`c${i}`, i + 1);
        });
        const { results } = await batchOf(await post("/v1/predict", { model: "fraud", entities }));
        const seen = results.map((each) =>
          "problem" in each
            ? ({ "/problems/stale-features": "stale", "/problems/invalid-request": "bad key" }[
                each.problem.type
              ] ?? "unreadable")
            : "good",
        );
        expect(seen).toEqual(kinds);
        for (const [i, each] of results.entries()) {
          if ("score" in each) expect(each.features?.["request.amount"]).toBe(i + 1);
        }
      }),
      { numRuns: 30, seed: 20260111 },
    );
  });

  it("logs each row with its place", async () => {
    const entries: PredictionLogEntry[] = [];
    const { post } = harness({ onPrediction: (entry) => void entries.push(entry) });
    await post("/v1/predict", { model: "plain", entities: [row("c0"), { keys: {} }, row("c2")] });
    expect(entries.map(({ requestId, row: place }) => [requestId, place])).toEqual([
      ["id-1", 0],
      ["id-1", 2],
    ]);
  });

  it.each([
    ["no entities", { entities: [] }, 400, "invalid-request", "#/entities"],
    ["keys beside entities", { entities: [row("c")], keys: {} }, 400, "invalid-request", "#/keys"],
    ["context beside entities", { entities: [row("c")], context: {} }, 400, "invalid-request", "#/context"],
    [
      "an unknown field of a row",
      { entities: [{ ...row("c"), onStale: "serve" }] },
      400,
      "invalid-request",
      "#/entities/0/onStale",
    ],
    ["a row without keys", { entities: [row("c"), {}] }, 400, "invalid-request", "#/entities/1/keys"],
  ])("refuses %s as a whole", async (_, body, status, type, pointer) => {
    const { post, reader } = harness();
    const response = await post("/v1/predict", { model: "fraud", ...body });
    const document = await problemOf(response);
    expect([response.status, document.type]).toEqual([status, `/problems/${type}`]);
    expect(document.errors?.map((error) => error.pointer)).toEqual([pointer]);
    expect(reader.calls).toEqual([]);
  });

  it("refuses a policy that the model has not, once for all rows", async () => {
    const { post } = harness();
    const body = { model: "plain", onStale: "default", entities: [row("c")] };
    expect((await problemOf(await post("/v1/predict", body))).type).toBe("/problems/policy-unavailable");
  });

  it("fails as a whole where the store does not answer", async () => {
    const { post, reader } = harness();
    reader.failure = new FreshetError("STORE_UNAVAILABLE", "no");
    const response = await post("/v1/predict", { model: "fraud", entities: [row("c")] });
    expect([response.status, (await problemOf(response)).type]).toEqual([503, "/problems/store-unavailable"]);
  });
});

describe("POST /v1/features with entities", () => {
  it("reads once, and answers each row or what is wrong with it", async () => {
    const { post, reader } = harness();
    reader.failures.c1 = new FreshetError("IMAGE_CORRUPT", "secret");
    const response = await post("/v1/features", {
      view: "pair",
      entities: [
        { keys: { card: "c0", merchant: 1 } },
        { keys: { card: "c1", merchant: "one" } },
        { keys: { card: "c2", merchant: 3 } },
      ],
    });
    const { results }: FeaturesBatchAnswer = featuresBatchAnswer.parse(await response.json());
    expect(results).toMatchObject([
      { views: { pair: { key: { card: "c0", merchant: 1 }, features: { txns_1h: 1 } } } },
      { problem: { errors: [{ pointer: "#/entities/1/keys/merchant", issue: "wrong-type" }] } },
      { views: { pair: { key: { card: "c2", merchant: 3 } } } },
    ]);
    expect(reader.calls.map((call) => call.length)).toEqual([2]);
  });

  it("still refuses one entity's error as the whole answer", async () => {
    const { post, reader } = harness();
    reader.failures["c1 1"] = new FreshetError("IMAGE_VERSION_UNKNOWN", "newer");
    const response = await post("/v1/features", { view: "pair", keys: { card: "c1", merchant: 1 } });
    expect([response.status, (await problemOf(response)).type]).toEqual([503, "/problems/state-unreadable"]);
  });

  it("names a field that neither form has", async () => {
    const { post } = harness();
    const response = await post("/v1/predict", { ...REQUEST, entity: [] });
    expect((await problemOf(response)).errors).toEqual([
      { pointer: "#/entity", issue: "unknown-field", detail: expect.stringMatching(/^no such field; /) },
    ]);
  });
});
