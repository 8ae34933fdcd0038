import type { View } from "../../../lib/define/types.ts";
import { foldEvents, type ItemState } from "../../../lib/engine/fold.ts";
import { planView } from "../../../lib/engine/plan.ts";
import { writerName } from "../../../lib/engine/position.ts";
import type { OracleRecord } from "../../oracles/entity.ts";
import { START_MS, sourceEvents, WRITER } from "../fold-fixtures.ts";
import { uniform } from "../sketches/distributions.ts";
import {
  calls,
  DAY_MS,
  furtherCalls,
  HOUR_MS,
  hopping,
  keyedCalls,
  lifetime,
  MINUTE_MS,
  paymentsSource,
  paymentsView,
  session,
  sliding,
  tumbling,
  viewOf,
} from "../view-fixtures.ts";

/** What one writer delivers to the case's item, after the writers before it. */
interface Delivery {
  readonly writer: string;
  readonly records: readonly OracleRecord[];
}

/** An item whose bytes are kept beside this file, in `v1/NAME.image` and `v1/NAME.position`. */
export interface GoldenCase {
  readonly name: string;
  readonly view: View;
  readonly deliveries: readonly Delivery[];
}

/** Records of one entity: some late, tied, repeated or without an amount; amounts whole, of two places and neither. */
function records(options: {
  seed: number;
  count: number;
  stepMs: number;
  merchants: number;
}): OracleRecord[] {
  const random = uniform(options.seed);
  let nowMs = START_MS;
  return Array.from({ length: options.count }, (_, index): OracleRecord => {
    nowMs += Math.floor(random() * 2 * options.stepMs);
    const lateMs = random() < 0.1 ? Math.floor(random() * 2 * HOUR_MS) : 0;
    const eventTimeMs = random() < 0.1 ? Math.floor(nowMs / MINUTE_MS) * MINUTE_MS : nowMs - lateMs;
    const id = random() < 0.05 && index > 10 ? `e${index - 1 - Math.floor(random() * 8)}` : `e${index}`;
    const kind = random();
    const hundredths = Math.floor(random() * 100_000) - 20_000;
    const amount = kind < 0.1 ? null : kind < 0.4 ? Math.floor(hundredths / 100) : hundredths / 100;
    const row = {
      id,
      card: "c1",
      amount: amount !== null && kind > 0.9 ? amount / 3 : amount,
      merchant: `m${Math.floor(random() * options.merchants)}${kind > 0.95 ? " – é" : ""}`,
      at: eventTimeMs,
    };
    return { row, eventTimeMs, arrivalMs: nowMs, id };
  });
}

const shard = (number: number) =>
  writerName("arn:aws:kinesis:eu-west-1:1:stream/payments", 1, `shardId-${String(number).padStart(12, "0")}`);

const firstCases: readonly GoldenCase[] = [
  {
    name: "sliding",
    view: paymentsView([sliding(5 * MINUTE_MS), sliding(HOUR_MS), sliding(DAY_MS)]),
    deliveries: [
      { writer: WRITER, records: records({ seed: 1, count: 400, stepMs: 5 * MINUTE_MS, merchants: 30 }) },
    ],
  },
  {
    name: "dense-sketches-lifetime",
    view: paymentsView([sliding(HOUR_MS), lifetime]),
    deliveries: [
      { writer: WRITER, records: records({ seed: 2, count: 3_000, stepMs: 30_000, merchants: 5_000 }) },
    ],
  },
  {
    name: "tumbling-lateness-few-ids",
    view: paymentsView([tumbling(HOUR_MS, "current"), tumbling(DAY_MS, "closed")], {
      allowedLatenessMs: 30 * MINUTE_MS,
      dedup: { horizonMs: 2 * HOUR_MS, count: 3 },
      where: { kind: "match", conditions: { merchant: { operator: "not", value: "m3" } } },
    }),
    deliveries: [
      { writer: WRITER, records: records({ seed: 3, count: 300, stepMs: 10 * MINUTE_MS, merchants: 12 }) },
    ],
  },
  {
    name: "no-event-id",
    view: paymentsView([sliding(HOUR_MS)], { source: paymentsSource({ eventId: null }) }),
    deliveries: [
      {
        writer: WRITER,
        records: records({ seed: 4, count: 120, stepMs: MINUTE_MS, merchants: 9 }).map((each) => ({
          ...each,
          id: undefined,
        })),
      },
    ],
  },
  {
    name: "resharded",
    view: paymentsView([sliding(HOUR_MS), sliding(DAY_MS)]),
    deliveries: [
      { writer: shard(7), records: records({ seed: 5, count: 40, stepMs: MINUTE_MS, merchants: 9 }) },
      { writer: shard(2), records: records({ seed: 6, count: 40, stepMs: 2 * MINUTE_MS, merchants: 9 }) },
      {
        writer: "00c0ffee/a-shard",
        records: records({ seed: 7, count: 10, stepMs: MINUTE_MS, merchants: 9 }),
      },
    ],
  },
];

/** Further aggregations and windows: they came later, and leave the images before as they are. */
const furtherCases: readonly GoldenCase[] = [
  {
    name: "every-aggregation",
    view: viewOf(furtherCalls, [sliding(HOUR_MS), sliding(DAY_MS), hopping(2 * HOUR_MS, 30 * MINUTE_MS)]),
    deliveries: [
      { writer: WRITER, records: records({ seed: 8, count: 400, stepMs: 5 * MINUTE_MS, merchants: 30 }) },
    ],
  },
  {
    name: "sessions",
    view: viewOf({ ...calls, ...furtherCalls }, [
      session(5 * MINUTE_MS, HOUR_MS),
      session(HOUR_MS, 2 * HOUR_MS),
      sliding(HOUR_MS),
    ]),
    deliveries: [
      { writer: WRITER, records: records({ seed: 9, count: 300, stepMs: 2 * MINUTE_MS, merchants: 12 }) },
    ],
  },
  {
    name: "by-key",
    view: viewOf(keyedCalls, [sliding(HOUR_MS), lifetime]),
    deliveries: [
      { writer: WRITER, records: records({ seed: 10, count: 200, stepMs: 5 * MINUTE_MS, merchants: 20 }) },
    ],
  },
];

export const goldenCases: readonly GoldenCase[] = [...firstCases, ...furtherCases];

/** The item that a case's records leave, folded in batches of at most `batchSize`. */
export function foldCase({ view, deliveries }: GoldenCase, batchSize = Number.POSITIVE_INFINITY): ItemState {
  const plan = planView(view);
  let item: ItemState | undefined;
  let delivered = 0;
  for (const { writer, records } of deliveries) {
    const events = sourceEvents(records, delivered + 1);
    for (let start = 0; start < events.length; start += batchSize) {
      item = foldEvents({ plan, writer, item, events: events.slice(start, start + batchSize) }).item;
    }
    delivered += events.length;
  }
  return item!;
}
