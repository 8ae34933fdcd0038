import { expect, it } from "vitest";
import { view } from "../../lib/define/index.ts";
import { planView } from "../../lib/engine/plan.ts";
import { left, SPLIT } from "./fixtures/releases.ts";
import { createReplay, replayed } from "./fixtures/replay.ts";

const ever = planView(
  view("ever", {
    version: 1,
    source: replayed,
    entity: "card",
    sla: "1m",
    features: (t) => ({ n: t.count().lifetime() }),
  }),
);

it("a lifetime is unknown behind a gap longer than the stream keeps records, also where its view begins midway (R2)", async () => {
  const { fold, answer } = await createReplay(SPLIT);
  await fold([ever], [0, 30, 60], { aggregator: "one" });
  // The view has moved to another aggregator; arrivals are declared, and one of before is later than the first of these.
  const takenAt = 610 + replayed.retentionMs / 60_000;
  await fold([ever], [50, 61, 70], { shard: left, takenAt, aggregator: "two" });
  expect(await answer(ever, "A", 70)).toMatchObject({ status: "unknown" });
});
