import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { View } from "../../../lib/define/types.ts";
import type { Window } from "../../../lib/define/window.ts";
import { foldEvents } from "../../../lib/engine/fold.ts";
import { writerName } from "../../../lib/engine/position.ts";
import { type ItemImage, readFeatures } from "../../../lib/engine/read.ts";
import { eventsIn, type OracleEntity, type OracleRecord, runEntity } from "../../oracles/entity.ts";
import { OracleSessions } from "../../oracles/sessions.ts";
import {
  foldInBatches,
  oracleRecords,
  planOf,
  START_MS,
  sourceEvents,
  WRITER,
  withIdentities,
} from "../fold-fixtures.ts";
import {
  calls,
  DAY_MS,
  furtherCalls,
  HOUR_MS,
  hopping,
  keyedCalls,
  lifetime,
  MINUTE_MS,
  session,
  sliding,
  tumbling,
  viewOf,
} from "../view-fixtures.ts";
import { CASES } from "./column-fixtures.ts";
import { expectAnswer } from "./expect-answer.ts";

/** Expects every feature to be what a recount of the events that were kept, in the order they were folded, answers. */
function expectRecounted(
  view: View,
  images: readonly ItemImage[],
  kept: Pick<OracleEntity, "events" | "sessions">,
  asOfMs: number,
): void {
  const plan = planOf(view);
  const { values } = readFeatures(plan, images, asOfMs);
  plan.features.forEach(({ feature }, index) => {
    const { window, aggregation: call } = feature;
    const events = eventsIn(window, kept, asOfMs);
    expectAnswer({
      call,
      actual: values[index],
      events,
      context: { asOfMs, window, sessionStartMs: Math.min(...events.map((event) => event.eventTimeMs)) },
      label: `${feature.name} as of ${asOfMs}`,
    });
  });
}

const windows: Readonly<Record<string, readonly Window[]>> = {
  sliding: [sliding(5 * MINUTE_MS), sliding(HOUR_MS), sliding(DAY_MS)],
  tumbling: [tumbling(HOUR_MS, "current"), tumbling(HOUR_MS, "closed"), tumbling(DAY_MS, "closed")],
  hopping: [
    hopping(HOUR_MS, 15 * MINUTE_MS),
    // Neither width nor slide divides the other.
    hopping(25 * MINUTE_MS, 10 * MINUTE_MS),
    hopping(HOUR_MS, HOUR_MS),
    hopping(7 * DAY_MS, DAY_MS),
  ],
  session: [session(10 * MINUTE_MS, HOUR_MS), session(2 * HOUR_MS, 2 * HOUR_MS), session(30_000, DAY_MS)],
  lifetime: [lifetime],
  "all kinds": [
    sliding(HOUR_MS),
    tumbling(6 * HOUR_MS, "closed"),
    hopping(3 * HOUR_MS, 10 * MINUTE_MS),
    session(20 * MINUTE_MS, 6 * HOUR_MS),
    lifetime,
  ],
};

/** An item that has expired reads as never seen. */
const NOTHING = {
  events: [],
  sessions: windows
    .session!.concat(windows["all kinds"]!)
    .flatMap((window) => (window.kind === "session" ? [new OracleSessions(window)] : [])),
};

const sizes = fc.array(fc.nat({ max: 5 }), { minLength: 1 });

describe.each(Object.entries(windows))("every aggregation over %s windows", (_, of) => {
  it("answers what a recount of the raw events answers, at any as-of time that may be read", () => {
    const view = viewOf(furtherCalls, of);
    fc.assert(
      fc.property(oracleRecords(), fc.nat({ max: 2_000_000 }), sizes, (drawn, ahead, batches) => {
        const records = withIdentities(drawn);
        const { plan, item, outcomes } = foldInBatches(view, records, batches);
        const oracle = runEntity(view, records);
        expect(outcomes).toEqual(oracle.outcomes);
        const newest = oracle.newestMs ?? records.at(-1)!.arrivalMs;
        const images = [{ writer: WRITER, image: item!.image }];
        for (const asOfMs of [newest - plan.slackMs + ahead, newest, newest + ahead * 40]) {
          const expired = oracle.expiresAtMs !== null && asOfMs > oracle.expiresAtMs;
          expectRecounted(view, images, expired ? NOTHING : oracle, asOfMs);
        }
      }),
      { numRuns: CASES, seed: 20260520 },
    );
  });

  it("leaves the same bytes however the records are batched (R1)", () => {
    const view = viewOf(furtherCalls, of);
    fc.assert(
      fc.property(oracleRecords({ maxLength: 80 }), sizes, (records, batches) => {
        const whole = foldInBatches(view, records, [10_000]);
        for (const each of [[1], batches])
          expect(foldInBatches(view, records, each).item).toEqual(whole.item);
      }),
      { numRuns: CASES / 10, seed: 20260521 },
    );
  });
});

describe("the first aggregations over hopping windows", () => {
  it("answer what a recount answers, with lateness allowed", () => {
    const view = viewOf(calls, windows.hopping!, { allowedLatenessMs: 2 * HOUR_MS });
    fc.assert(
      fc.property(oracleRecords(), fc.nat({ max: 10_000_000 }), (drawn, ahead) => {
        const records = withIdentities(drawn);
        const { plan, item } = foldInBatches(view, records, [7]);
        const oracle = runEntity(view, records);
        const newest = oracle.newestMs!;
        for (const asOfMs of [newest - plan.slackMs, newest - plan.slackMs + ahead, newest + ahead])
          expectRecounted(view, [{ writer: WRITER, image: item!.image }], oracle, asOfMs);
      }),
      { numRuns: CASES, seed: 20260522 },
    );
  });
});

describe("aggregations by key over all kinds of windows", () => {
  const view = viewOf(keyedCalls, windows["all kinds"]!);

  it("answer what a recount of each key's events answers, and count what there was no room for", () => {
    fc.assert(
      fc.property(oracleRecords(), fc.nat({ max: 10_000_000 }), (drawn, ahead) => {
        const records = withIdentities(drawn);
        const { plan, item } = foldInBatches(view, records, [7]);
        expect(foldInBatches(view, records, [1]).item).toEqual(item);
        const oracle = runEntity(view, records);
        for (const asOfMs of [oracle.newestMs! - plan.slackMs, oracle.newestMs! + ahead])
          expectRecounted(view, [{ writer: WRITER, image: item!.image }], oracle, asOfMs);
      }),
      { numRuns: CASES, seed: 20260524 },
    );
  });
});

describe("a view of many writers", () => {
  const view = viewOf(furtherCalls, [sliding(HOUR_MS), tumbling(HOUR_MS, "closed"), ...windows.hopping!], {
    name: "network",
    entity: [],
  });
  const plan = planOf(view);
  const writers = [0, 1, 2].map((shard) =>
    writerName("arn:aws:kinesis:eu-west-1:1:stream/payments", 1, `shardId-00000000000${shard}`),
  );

  it("answers what a recount of all writers' events answers, whatever the order of items", () => {
    fc.assert(
      fc.property(
        oracleRecords({ maxLength: 90 }),
        fc.array(fc.nat({ max: 2 }), { minLength: 1 }),
        fc.nat({ max: 300_000 }),
        (drawn, shards, ahead) => {
          const records = withIdentities(drawn);
          const events = sourceEvents(records);
          const parts = writers.map((writer, shard) => {
            const isMine = (_: unknown, index: number) => shards[index % shards.length] === shard;
            const { item } = foldEvents({ plan, writer, item: undefined, events: events.filter(isMine) });
            return { writer, item, oracle: runEntity(view, records.filter(isMine)) };
          });
          const newest = Math.max(...parts.map(({ oracle }) => oracle.newestMs ?? Number.NEGATIVE_INFINITY));
          const images = parts.flatMap(({ writer, item }) =>
            item === undefined ? [] : [{ writer, image: item.image }],
          );
          const kept = { events: parts.flatMap(({ oracle }) => oracle.events), sessions: [] };
          for (const asOfMs of [newest - plan.slackMs + ahead, newest + ahead]) {
            expectRecounted(view, images, kept, asOfMs);
            expect(readFeatures(plan, [...images].reverse(), asOfMs)).toEqual(
              readFeatures(plan, images, asOfMs),
            );
          }
        },
      ),
      { numRuns: CASES, seed: 20260523 },
    );
  });

  it("lets the writer decide where two of them have the same event at the same time, whatever their tiles (R6)", () => {
    const tied = (merchant: string, arrivalMs: number): OracleRecord => ({
      row: { id: "same", card: "c1", amount: Number(merchant.at(-1)), merchant, at: START_MS },
      eventTimeMs: START_MS,
      arrivalMs,
      id: "same",
    });
    const later = (hours: number): OracleRecord => {
      const at = START_MS + hours * HOUR_MS;
      return {
        row: { id: `later ${hours}`, card: "c1", amount: null, merchant: "later", at },
        eventTimeMs: at,
        arrivalMs: at,
        id: `later ${hours}`,
      };
    };
    const aged = viewOf(
      {
        first: { name: "first", value: { kind: "field", field: "merchant" }, where: null, parameters: {} },
        firstTwo: {
          name: "firstK",
          value: { kind: "field", field: "merchant" },
          where: null,
          parameters: { k: 2 },
        },
        last: { name: "last", value: { kind: "field", field: "amount" }, where: null, parameters: {} },
        lastTwo: {
          name: "lastK",
          value: { kind: "field", field: "amount" },
          where: null,
          parameters: { k: 2 },
        },
      },
      [sliding(MINUTE_MS), sliding(DAY_MS)],
      { name: "aged", entity: [] },
    );
    const agedPlan = planOf(aged);
    const imageOf = (writer: string, records: readonly OracleRecord[]): ItemImage => {
      const { item } = foldEvents({ plan: agedPlan, writer, item: undefined, events: sourceEvents(records) });
      return { writer, image: item!.image };
    };
    // One writer's tile has moved to a coarser level, whose tiles begin earlier; each takes both places in turn.
    for (const [moved, kept] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const images = [
        imageOf(writers[moved]!, [tied(`writer ${moved}`, START_MS), later(2)]),
        imageOf(writers[kept]!, [tied(`writer ${kept}`, START_MS)]),
      ];
      const { values } = readFeatures(agedPlan, images, START_MS + 2 * HOUR_MS);
      const answerOf = (name: string) =>
        values[agedPlan.features.findIndex(({ feature }) => feature.name === name)];
      expect(answerOf("first_1")).toBe("writer 0");
      expect(answerOf("firstTwo_1")).toEqual(["writer 0", "writer 1"]);
      expect(answerOf("last_1")).toBe(1);
      expect(answerOf("lastTwo_1")).toEqual([1, 0]);
    }
  });
});
