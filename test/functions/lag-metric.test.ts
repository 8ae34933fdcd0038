import { expect, it } from "vitest";
import { createMetricsEmitter } from "../../functions/aggregate/emit-metrics.ts";
import { source, view } from "../../lib/define/index.ts";
import { planView } from "../../lib/engine/plan.ts";
import { createMemoryObjectStore } from "../../lib/local/memory-object-store.ts";
import { controlAttributes, controlKey } from "../../lib/online/control.ts";
import { createReader } from "../../lib/online/reader.ts";
import { createWriteLoop } from "../../lib/online/write-loop.ts";
import { createMemoryStateStore } from "../online/fixtures/memory-state-store.ts";
import { payments } from "../online/fixtures/payments.ts";
import { paymentRecord, START_MS, wholeShard } from "../online/fixtures/records.ts";
import { emittedBy } from "./fixtures/emitted.ts";

it("the Lag that the alarm on freshness goes by is the lag that answers tell, the declared clock skew included", async () => {
  const skewed = source("payments", {
    schema: payments.schema,
    partitionKey: "card",
    eventTime: "at",
    eventId: "id",
    clockSkew: "90s",
  });
  const plan = planView(
    view("card", {
      version: 1,
      source: skewed,
      entity: "card",
      sla: "1m",
      features: (t) => ({ count: t.count().over("1h") }),
    }),
  );
  const store = createMemoryStateStore();
  const { writer } = wholeShard;
  const hashRange = wholeShard.hashRange!;
  const shards = [{ writer, hashRange, parents: [], open: true, closedMs: null }];
  const control = controlAttributes({ arn: "payments", createdMs: START_MS, shards });
  await store.put({ pk: controlKey("payments"), ...control }, { expected: null });
  const objects = createMemoryObjectStore();
  const loop = createWriteLoop({ source: skewed, plans: [plan], store, objects, processId: "one" });
  const report = await loop.processBatch({ shard: wholeShard, records: [paymentRecord(1)] });
  const clock = { now: () => START_MS + 10_000 };
  const [reading] = await createReader({ store, clock }).read([{ plan, key: ["A"] }]);
  expect(reading).toMatchObject({ lagMs: 98_000, status: "stale" });
  const [ofView] = emittedBy(() => createMetricsEmitter(clock, "Ours")(report));
  expect(ofView!.values.Lag).toBe("98 Seconds");
});
