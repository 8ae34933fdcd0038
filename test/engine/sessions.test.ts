import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { View } from "../../lib/define/types.ts";
import { mostSessions } from "../../lib/define/window.ts";
import { foldEvents } from "../../lib/engine/fold.ts";
import { planView } from "../../lib/engine/plan.ts";
import { readFeatures } from "../../lib/engine/read.ts";
import { eventsIn, type OracleRecord, runEntity } from "../oracles/entity.ts";
import { CASES } from "./aggregations/column-fixtures.ts";
import { expectAnswer } from "./aggregations/expect-answer.ts";
import { foldInBatches, START_MS, sourceEvents, WRITER, withIdentities } from "./fold-fixtures.ts";
import { calls, furtherCalls, paymentsSource, session, viewOf } from "./view-fixtures.ts";

const SECOND_MS = 1_000;
const GAP_MS = 10 * SECOND_MS;
const some = {
  count: calls.count!,
  last: calls.last!,
  sum: calls.sum!,
  first: furtherCalls.first!,
  lastK: furtherCalls.lastK!,
  rate: furtherCalls.rate!,
};

/** Sessions alone, no tiles: maxima of one gap, of two and a half, and of many. */
function sessionsView(allowedLatenessMs: number): View {
  return viewOf(
    some,
    [1, 2.5, 30].map((gaps) => session(GAP_MS, gaps * GAP_MS)),
    { allowedLatenessMs, source: paymentsSource({ maxFutureSkewMs: 5 * SECOND_MS }) },
  );
}

/** Times that sit on the edges of gaps and maxima from one another, near the newest and as far back as lateness goes. */
const drawnTimes = fc.array(
  fc.record({
    near: fc.nat({ max: 5 }),
    step: fc.constantFrom(-10, -9.999, -1, -0.001, 0, 0.001, 1, 5, 9.999, 10, 10.001, 25, 25.001, -25, 300),
    back: fc.oneof(
      { weight: 4, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 80 }) },
    ),
  }),
  { minLength: 1, maxLength: 80 },
);

function recordsOf(drawn: typeof drawnTimes extends fc.Arbitrary<infer T> ? T : never): OracleRecord[] {
  const times: number[] = [];
  const records = drawn.map(({ near, step, back }, index): OracleRecord => {
    const from = times.at(-1 - (near % Math.max(1, times.length))) ?? START_MS;
    const eventTimeMs = from + Math.round((step - back) * SECOND_MS);
    times.push(eventTimeMs);
    const arrivalMs = Math.max(...times);
    const id = `e${index}`;
    return {
      row: { id, card: "c1", amount: index, merchant: `m${index}`, at: eventTimeMs },
      eventTimeMs,
      arrivalMs,
      id,
    };
  });
  return withIdentities(records);
}

describe.each([0, 60, 300].map((seconds) => [seconds, sessionsView(seconds * SECOND_MS)] as const))(
  "sessions with %i seconds of lateness",
  (_, view) => {
    it("are those that R4 tells of, at any as-of time that may be read, whatever the batches", () => {
      fc.assert(
        fc.property(
          drawnTimes,
          fc.array(fc.nat({ max: 5 }), { minLength: 1 }),
          fc.nat({ max: 30 }),
          (drawn, sizes, ahead) => {
            const records = recordsOf(drawn);
            const { plan, item, outcomes } = foldInBatches(view, records, sizes);
            const oracle = runEntity(view, records);
            expect(outcomes).toEqual(oracle.outcomes);
            expect(item).toEqual(foldInBatches(view, records, [1_000]).item);
            const newestMs = oracle.newestMs!;
            const edges = [0, 1, GAP_MS - 1, GAP_MS, ahead * SECOND_MS];
            for (const asOfMs of [newestMs - plan.slackMs, ...edges.map((edge) => newestMs - 5_000 + edge)]) {
              const { values } = readFeatures(plan, [{ writer: WRITER, image: item!.image }], asOfMs);
              plan.features.forEach(({ feature: { name, aggregation: call, window } }, index) => {
                const events = eventsIn(window, oracle, asOfMs);
                const sessionStartMs = Math.min(...events.map((event) => event.eventTimeMs));
                const context = { asOfMs, window, sessionStartMs };
                expectAnswer({ call, actual: values[index], events, context, label: `${name} ${asOfMs}` });
              });
            }
          },
        ),
        { numRuns: CASES, seed: 20260530 },
      );
    });

    it("are never more than the bound that an item's size rests on", () => {
      const { slackMs } = planView(view);
      let most = 0;
      fc.assert(
        fc.property(drawnTimes, (drawn) => {
          for (const each of runEntity(view, recordsOf(drawn)).sessions) {
            expect(each.most).toBeLessThanOrEqual(mostSessions(each.window.gapMs, slackMs));
            most = Math.max(most, each.most);
          }
        }),
        { numRuns: CASES, seed: 20260531 },
      );
      expect(most).toBeGreaterThan(1);
    });
  },
);

describe("a session", () => {
  const view = sessionsView(60 * SECOND_MS);
  const plan = planView(view);
  const countsAt = (seconds: readonly number[], asOfSeconds: number) => {
    const records = seconds.map((second, index): OracleRecord => {
      const eventTimeMs = START_MS + Math.round(second * SECOND_MS);
      const row = { id: `e${index}`, card: "c1", amount: 1, merchant: "m", at: eventTimeMs };
      return { row, eventTimeMs, arrivalMs: START_MS + 1_000_000, id: `e${index}` };
    });
    const { item } = foldEvents({ plan, writer: WRITER, item: undefined, events: sourceEvents(records) });
    const asOfMs = START_MS + Math.round(asOfSeconds * SECOND_MS);
    const { values } = readFeatures(plan, [{ writer: WRITER, image: item!.image }], asOfMs);
    return plan.features.flatMap(({ feature }, index) =>
      feature.name.startsWith("count") ? [values[index]] : [],
    );
  };

  it("ends a gap after its last event, which is the first moment that is none of it", () => {
    expect(countsAt([0, 9.999], 19.998)).toEqual([2, 2, 2]);
    expect(countsAt([0, 9.999], 19.999)).toEqual([0, 0, 0]);
    expect(countsAt([0, 10], 10)).toEqual([1, 1, 1]);
  });

  it("takes no event that would make it longer than its maximum: that one opens the next", () => {
    expect(countsAt([0, 5, 10, 14], 14)).toEqual([1, 4, 4]);
    expect(countsAt([0, 9, 18, 25, 25.001], 25.001)).toEqual([3, 1, 5]);
  });

  it("joins the next session when an event comes between them and the two fit", () => {
    expect(countsAt([0, 12, 6], 12)).toEqual([1, 3, 3]);
    expect(countsAt([0, 16, 22, 8], 22)).toEqual([2, 4, 4]);
    // 26 seconds in all: the middle one goes to the earlier.
    expect(countsAt([0, 18, 26, 9], 26)).toEqual([2, 2, 4]);
  });

  it("does not join one that is a gap away", () => {
    expect(countsAt([0, 14, 3], 14)).toEqual([1, 1, 1]);
  });
});

describe("a view of sessions alone, without event ids", () => {
  const view = viewOf({ count: calls.count! }, [session(GAP_MS, 30 * GAP_MS), session(GAP_MS, 2 * GAP_MS)], {
    source: paymentsSource({ maxFutureSkewMs: SECOND_MS, eventId: null }),
  });
  const plan = planView(view);
  const foldAt = (seconds: readonly number[]) => {
    const records = seconds.map((second): OracleRecord => {
      const eventTimeMs = START_MS + second * SECOND_MS;
      const row = { id: "", card: "c1", amount: 1, merchant: "m", at: eventTimeMs };
      return { row, eventTimeMs, arrivalMs: eventTimeMs, id: undefined };
    });
    return foldEvents({ plan, writer: WRITER, item: undefined, events: sourceEvents(records) }).item!;
  };

  it("keeps an item for a gap and the slack after its newest event", () => {
    const item = foldAt([0, 9.999]);
    const readAsOf = (asOfMs: number) => readFeatures(plan, [{ writer: WRITER, image: item.image }], asOfMs);
    const newestMs = START_MS + 9_999;
    expect(readAsOf(newestMs)).toEqual({ known: true, values: [2, 2] });
    expect(readAsOf(newestMs + GAP_MS - 1)).toEqual({ known: true, values: [2, 2] });
    expect(readAsOf(newestMs + GAP_MS + SECOND_MS)).toEqual({ known: true, values: [0, 0] });
    expect(readAsOf(newestMs + GAP_MS + SECOND_MS + 1)).toEqual({ known: false, values: [0, 0] });
  });

  it("warms for as long as its longest session may get and last, and as events may be dated ahead", () => {
    expect(plan.warmingMs).toBe(30 * GAP_MS + GAP_MS + SECOND_MS);
  });
});
