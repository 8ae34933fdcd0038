import { format } from "node:util";
import { afterEach, expect, it, vi } from "vitest";
import { FreshetError, model, service } from "../../lib/index.ts";
import { testPipeline } from "../../lib/testing/index.ts";
import * as definitions from "./fixtures/shop.ts";
import { checkout, customer, orders, risk } from "./fixtures/shop.ts";

const REQUEST = { keys: { customer: "ann", shop: "north" }, context: { total: 12 } };

afterEach(() => vi.restoreAllMocks());

/** What has been written on the console's error since the last call, as it would read. */
function watchConsole(): () => readonly string[] {
  const written = vi.spyOn(console, "error").mockImplementation(() => {});
  return () => written.mock.calls.splice(0).map((parts) => format(...parts));
}

function failing(): never {
  throw new RangeError("my own mistake");
}
const MISTAKE = expect.stringMatching(/RangeError: my own mistake\n +at .*failing .*own-code\.test\.ts/);

it("refuses a score that is no function", async () => {
  await expect(testPipeline({ definitions, scores: { risk: 0.5 as never } })).rejects.toMatchObject({
    code: "OPTION_INVALID",
    message: "scores: risk is 0.5; it is a function: { risk: (vector) => 0.5 }.",
  });
});

it("shows what derive throws, with its stack", async () => {
  const shown = watchConsole();
  const derived = service("derived", {
    version: 1,
    views: { customer },
    vector: ["x"],
    derive: (): { x: number } => failing(),
  });
  const derives = model("derives", {
    version: 1,
    service: derived,
    file: "none.onnx",
    output: "score",
    onStale: "reject",
  });
  const pipeline = await testPipeline({
    definitions: { orders, customer, derived, derives },
    scores: { derives: () => 1 },
  });
  await expect(pipeline.client(derived).predict({ keys: { customer: "ann" } })).rejects.toMatchObject({
    code: "DERIVE_FAILED",
  });
  expect(shown()).toEqual([MISTAKE]);
  await pipeline.close();
});

it("shows what a score or the prediction log throws", async () => {
  const shown = watchConsole();
  const scored = await testPipeline({ definitions, scores: { risk: failing } });
  await expect(scored.client(checkout).predict(REQUEST)).rejects.toMatchObject({ code: "INTERNAL" });
  expect(shown()).toEqual([MISTAKE]);
  await scored.close();

  const refuse = () => {
    throw new FreshetError("OPTION_INVALID", "mine too");
  };
  const refused = await testPipeline({ definitions, scores: { risk: refuse } });
  await expect(refused.client(checkout).predict(REQUEST)).rejects.toMatchObject({ code: "INTERNAL" });
  expect(shown()).toEqual([expect.stringContaining("mine too")]);
  await refused.close();

  const logged = await testPipeline({ definitions, scores: { risk: () => 0.5 }, onPrediction: failing });
  expect((await logged.client(checkout).predict(REQUEST)).score).toBe(0.5);
  expect(shown()).toEqual([MISTAKE]);
  await logged.close();
});

it("shows nothing of what a test makes go wrong, or of a model without a score, which is told in another way", async () => {
  const shown = watchConsole();
  const pipeline = await testPipeline({ definitions });
  await expect(pipeline.client(checkout).predict(REQUEST)).rejects.toMatchObject({
    cause: { message: expect.stringContaining(`model ${risk.name} needs its file`) },
  });
  pipeline.inject({ kind: "table-outage", for: "1h" });
  await expect(pipeline.client(checkout).features({ keys: REQUEST.keys })).rejects.toMatchObject({
    code: "STORE_UNAVAILABLE",
  });
  await pipeline.close();
  const stale = await testPipeline({ definitions, scores: { risk: () => 0.5 } });
  stale.pauseDelivery();
  await stale.advance("3m");
  await expect(stale.client(checkout).predict(REQUEST)).rejects.toMatchObject({ code: "FEATURES_STALE" });
  await stale.close();
  expect(shown()).toEqual([]);
});
