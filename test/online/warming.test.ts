import { describe, expect, it } from "vitest";
import { z } from "zod";
import { source, view } from "../../lib/define/index.ts";
import { planView } from "../../lib/engine/plan.ts";
import type { DeliveredRecord } from "../../lib/engine/record.ts";
import { createMemoryObjectStore } from "../../lib/local/memory-object-store.ts";
import type { StreamDescription } from "../../lib/online/describe-stream.ts";
import { createReader } from "../../lib/online/reader.ts";
import { createShardDirectory } from "../../lib/online/shard-directory.ts";
import { createWriteLoop } from "../../lib/online/write-loop.ts";
import { createMemoryStateStore } from "./fixtures/memory-state-store.ts";
import { heartbeatRecord, rawRecord, START_MS, seededRandom } from "./fixtures/records.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const SHARD = "shardId-000000000000";

const clicks = source("clicks", {
  schema: z.object({ id: z.string(), user: z.string(), at: z.number() }),
  partitionKey: "user",
  eventTime: "at",
  eventId: "id",
  maxFutureSkew: "2m",
});
const viewOf = {
  sliding: view("sliding", {
    version: 1,
    source: clicks,
    entity: "user",
    sla: "1m",
    features: (t) => ({ n: t.count().over("1h", "3m") }),
  }),
  tumbling: view("tumbling", {
    version: 1,
    source: clicks,
    entity: "user",
    sla: "1m",
    features: (t) => ({ n: t.count().tumbling("30m") }),
  }),
  hopping: view("hopping", {
    version: 1,
    source: clicks,
    entity: "user",
    sla: "1m",
    features: (t) => ({ n: t.count().hopping("1h", { slide: "15m" }) }),
  }),
  session: view("session", {
    version: 1,
    source: clicks,
    entity: "user",
    sla: "1m",
    features: (t) => ({ n: t.count().session({ gap: "6m", max: "33m" }) }),
  }),
};

/** By record: within a session and within tiles, just before their end too, where least is left of the skew ahead. */
const BEGINNINGS = [138, 143, 179];

/**
 * Four hours of one user: half an hour of clicks and a pause, so that no session is cut at its maximum (where sessions are cut
 * depends on all that came before). Events are dated up to their source's skew ahead, and a minute back.
 */
function traffic(seed: number): DeliveredRecord[] {
  const random = seededRandom(seed);
  const records: DeliveredRecord[] = [];
  for (let ms = 0; ms < 240 * MINUTE_MS; ms += 20 * SECOND_MS) {
    const n = records.length;
    const arrivedMs = START_MS + ms;
    const isClick = ms % (45 * MINUTE_MS) < 30 * MINUTE_MS && random() < 0.8;
    if (isClick) {
      const at = arrivedMs - MINUTE_MS + Math.floor(random() * 3 * MINUTE_MS);
      const text = JSON.stringify({ id: `c${n}`, user: "u", at });
      records.push({ ...rawRecord(n, text, "u"), approximateArrivalMs: arrivedMs });
    } else records.push({ ...heartbeatRecord(n, arrivedMs), approximateArrivalMs: arrivedMs });
  }
  return records;
}

describe.each(Object.entries(viewOf))(
  "a view of %s windows that begins behind a stream's first records",
  (_, of) => {
    const plan = planView(of);

    /** A deployment: what it is given is folded, and it is asked at a time. */
    function deploy() {
      const clock = { ms: START_MS, now: () => clock.ms };
      const store = createMemoryStateStore();
      const stream: StreamDescription = {
        arn: "arn:stream",
        createdMs: 1,
        shards: [
          {
            shardId: SHARD,
            hashRange: { start: "0".repeat(32), end: "f".repeat(32) },
            parents: [],
            open: true,
          },
        ],
      };
      const directory = createShardDirectory({ describe: async () => stream, store, clock, plans: [plan] });
      const loop = createWriteLoop({
        source: clicks,
        plans: [plan],
        store,
        objects: createMemoryObjectStore(),
        processId: "one",
      });
      const reader = createReader({ store, clock, controlMs: 0, progressMs: 0 });
      return {
        async fold(record: DeliveredRecord) {
          const report = await loop.processBatch({
            shard: await directory.shardOf(clicks, SHARD),
            records: [record],
          });
          expect(report.failedSequenceNumber).toBeNull();
        },
        async readAt(asOfMs: number) {
          clock.ms = asOfMs;
          return (await reader.read([{ plan, key: ["u"] }]))[0]!;
        },
      };
    }

    it("is called fresh only when it lacks nothing that its windows cover, and warming before (R7, R11)", async () => {
      for (const [seed, begin] of BEGINNINGS.entries()) {
        const records = traffic(seed);
        const whole = deploy();
        const young = deploy();
        const statuses = new Map<string, number>();
        for (const [n, record] of records.entries()) {
          await whole.fold(record);
          if (n < begin) continue;
          await young.fold(record);
          const asOfMs = record.approximateArrivalMs + 5 * SECOND_MS;
          const reading = await young.readAt(asOfMs);
          statuses.set(reading.status, (statuses.get(reading.status) ?? 0) + 1);
          if (reading.status === "fresh") {
            expect(reading.values, `seed ${seed}, record ${n}`).toEqual((await whole.readAt(asOfMs)).values);
          }
        }
        expect([...statuses.keys()].sort()).toEqual(["fresh", "warming"]);
      }
    });
  },
);
