import { expect, it } from "vitest";
import { view } from "../../lib/define/index.ts";
import { planView, type ViewPlan } from "../../lib/engine/plan.ts";
import { createLossMarker } from "../../lib/online/loss-marker.ts";
import { cardPlan, merchantPlan, payments } from "./fixtures/payments.ts";
import { sequenceNumber } from "./fixtures/records.ts";
import { createReleases, parent, range } from "./fixtures/releases.ts";

/** The next version of a view of which nothing was folded yet. */
const next = ({ view: { name, entity } }: ViewPlan) =>
  planView(
    view(name, {
      version: 2,
      source: payments,
      entity: entity[0] as "card" | "merchant",
      sla: "1m",
      features: (t) => ({ n: t.count().over("1h") }),
    }),
  );

/** Two aggregators of a table, and a marker of definitions, told of a batch that was lost. */
async function lose(plans: readonly ViewPlan[]) {
  const { store, fold } = await createReleases();
  await fold([cardPlan], range(0, 5), { aggregator: "fraud" });
  await fold([merchantPlan], range(0, 5), { aggregator: "shops" });
  const directory = { shardOf: async () => parent };
  const mark = createLossMarker({ store, directory, plans });
  return mark({ source: payments, shardId: "shardId-000000000000", fromSequenceNumber: sequenceNumber(5) });
}

it("marks the versions that were folded last beside those that are deployed (R2)", async () => {
  expect(await lose([next(cardPlan), next(merchantPlan)])).toEqual([
    "card@2",
    "merchant@2",
    "card@1",
    "merchant@1",
  ]);
});

it("leaves alone what another aggregator folds into the table", async () => {
  expect(await lose([cardPlan])).toEqual(["card@1"]);
  expect(await lose([next(cardPlan)])).toEqual(["card@2", "card@1"]);
});
