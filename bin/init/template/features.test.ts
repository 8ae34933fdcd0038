import { testPipeline } from "freshet-kit/testing";
import { expect, test } from "vitest";
import * as definitions from "./definitions.ts";
import { card, checkout, payments } from "./definitions.ts";

const modelsFolder = new URL(".", import.meta.url);

test("payments and spend count for as long as their windows", async () => {
  const pipeline = await testPipeline({ definitions });
  const payment = { id: "p1", card: "c1", amount: 20, at: pipeline.time() };
  await pipeline.put(payments, [payment, { ...payment, id: "p2", amount: 5 }]);
  expect((await pipeline.read(card, { card: "c1" })).features).toMatchObject({
    payments_10m: 2,
    spend_24h: 25,
  });

  await pipeline.advance("1h");
  expect((await pipeline.read(card, { card: "c1" })).features).toMatchObject({
    payments_10m: 0,
    spend_24h: 25,
  });
});

test("a payment that is sent twice counts once, even if the function dies meanwhile", async () => {
  const pipeline = await testPipeline({ definitions });
  const payment = { id: "p1", card: "c1", amount: 20, at: pipeline.time() };
  pipeline.inject({ kind: "crash" });
  await pipeline.put(payments, [payment, payment]);
  await pipeline.drain();
  expect(await pipeline.counts(card)).toMatchObject({ put: 2, folded: 1, duplicate: 1 });
});

test("the model scores a card by its features and the request", async () => {
  const pipeline = await testPipeline({ definitions, modelsFolder });
  const api = pipeline.client(checkout);
  const before = await api.predict({ keys: { card: "c1" }, context: { amount: 100 } });
  const at = pipeline.time();
  await pipeline.put(
    payments,
    [1, 2, 3, 4].map((each) => ({ id: `p${each}`, card: "c1", amount: 50, at })),
  );
  const after = await api.predict({ keys: { card: "c1" }, context: { amount: 100 } });
  expect(after.score).toBeGreaterThan(before.score);
  await pipeline.close();
});
