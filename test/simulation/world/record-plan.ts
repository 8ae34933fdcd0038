import { MAX_TEXT_BYTES } from "../../../lib/define/stored-text.ts";
import { encodeHeartbeat } from "../../../lib/engine/heartbeat.ts";
import { createRandom, type Random } from "../random.ts";

/** What a record is made to be. */
export type RecordKind =
  | "plain"
  | "out-of-order"
  | "late"
  | "future"
  | "poison"
  | "hot-key"
  | "window-edge"
  | "long-window-only"
  | "producer-retry"
  | "foreign-partition-key"
  | "item-near-bound"
  | "heartbeat";

/** A record that a producer will put. */
export interface RecordPlan {
  /** Its place in the world's plan, which names it. */
  readonly index: number;
  readonly kind: RecordKind;
  /** When it is put. */
  readonly atMs: number;
  readonly data: Uint8Array;
  readonly partitionKey: string;
  readonly explicitHashKey?: string;
}

export interface RecordPlans {
  readonly seed: number;
  readonly count: number;
  readonly cards: number;
  readonly merchants: number;
  readonly startMs: number;
  readonly spanMs: number;
  /** How many records are put close together, on average; 1: each comes by itself. */
  readonly burst: number;
  /** How long producers rest in the middle; 0: not at all. */
  readonly restMs: number;
  /** By kind, the share of records; what is left is plain. */
  readonly shares: Readonly<Partial<Record<RecordKind, number>>>;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** How long a burst lasts: what Lambda polls of it may be one batch or some. */
const BURST_MS = 1_500;
const FUTURE_SKEW_MS = 5 * MINUTE_MS;
const LARGEST_HASH_KEY = 2n ** 128n - 1n;

interface Row {
  readonly id: string;
  readonly card: string;
  readonly merchant: string;
  readonly amount: number;
  readonly channel: "web" | "pos";
  readonly note?: string;
  readonly at: number;
}

/** The records of a world, in the order that they are put. */
export function planRecords(options: RecordPlans): RecordPlan[] {
  const { seed, count, burst, startMs, spanMs, restMs } = options;
  const times = Array.from({ length: count }, (_, index) => {
    const random = createRandom(seed, "record-time", index);
    const share = burst === 1 ? random.next() : burstShare(seed, random.below(Math.ceil(count / burst)));
    const withinMs = burst === 1 ? 0 : random.between(0, BURST_MS);
    return Math.floor(startMs + share * spanMs + withinMs + (share > 0.5 ? restMs : 0));
  }).sort((left, right) => left - right);
  const rows: Row[] = [];
  return times.map((atMs, index) => {
    const random = createRandom(seed, "record", index);
    const kind = kindOf(random, options.shares);
    const usual = usualRow(options, random, index, atMs);
    const event = (changes: Partial<Row>, put: Partial<RecordPlan> = {}): RecordPlan => {
      const row = { ...usual, ...changes };
      rows.push(row);
      const data = Buffer.from(JSON.stringify(row));
      return { index, kind, atMs, data, partitionKey: row.card, ...put };
    };
    switch (kind) {
      case "plain":
        return event({});
      case "out-of-order":
        return event({ at: atMs - Math.floor(random.between(MINUTE_MS, 40 * MINUTE_MS)) });
      case "late":
        return event({ at: atMs - Math.floor(random.between(2 * HOUR_MS, 9 * HOUR_MS)) });
      case "future":
        return event({
          at:
            atMs +
            Math.floor(
              random.chance(0.5)
                ? FUTURE_SKEW_MS + random.between(1, HOUR_MS)
                : random.between(0, FUTURE_SKEW_MS),
            ),
        });
      case "hot-key":
        return event({ card: "card-hot" });
      case "window-edge": {
        const hopMs = random.pick([10_000, MINUTE_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, HOUR_MS]);
        return event({
          card: `card-edge-${index}`,
          at: Math.floor(atMs / hopMs) * hopMs - random.pick([0, 0, 1]),
        });
      }
      case "long-window-only":
        return event({
          card: `card-old-${index % 5}`,
          at: atMs - Math.floor(random.between(15 * MINUTE_MS, 55 * MINUTE_MS)),
        });
      case "producer-retry": {
        const lately = rows.slice(-12);
        return lately.length === 0 ? event({}) : event(random.pick(lately));
      }
      case "foreign-partition-key":
        return random.chance(0.5)
          ? event({}, { partitionKey: "someone-else" })
          : event({}, { explicitHashKey: randomHashKey(random) });
      case "item-near-bound":
        return event({ card: "card-full", note: noteOf(random) });
      case "poison":
        return { index, kind, atMs, data: poison(random, usual), partitionKey: usual.card };
      case "heartbeat":
        break;
    }
    const data = encodeHeartbeat(atMs);
    const explicitHashKey = randomHashKey(random);
    return { index, kind, atMs, data, partitionKey: `heartbeat-${index}`, explicitHashKey };
  });
}

/** When a burst is put, as a share of the time of all. */
const burstShare = (seed: number, burst: number): number => createRandom(seed, "burst", burst).next();

function kindOf(random: Random, shares: RecordPlans["shares"]): RecordKind {
  let left = random.next();
  for (const [kind, share] of Object.entries(shares) as [RecordKind, number][]) {
    left -= share;
    if (left < 0) return kind;
  }
  return "plain";
}

function usualRow(options: RecordPlans, random: Random, index: number, atMs: number): Row {
  return {
    id: `id-${index}`,
    card: `card-${random.below(options.cards)}`,
    merchant: `shop-${random.below(options.merchants)}`,
    // Hundredths are no whole numbers of a power of two: their sums depend on the order of addition.
    amount: (random.below(30_000) - 3_000) / 100,
    channel: random.pick(["web", "pos"]),
    at: atMs - Math.floor(random.between(0, 20_000)),
  };
}

function randomHashKey(random: Random): string {
  return ((LARGEST_HASH_KEY * BigInt(Math.floor(random.next() * 2 ** 40))) >> 40n).toString();
}

/** As long as text is kept. */
function noteOf(random: Random): string {
  return `${random.below(1e9)}`.padEnd(MAX_TEXT_BYTES - 2, "-");
}

function poison(random: Random, row: Row): Uint8Array {
  return random.pick<() => Uint8Array>([
    () => Buffer.from('{"id": "broken'),
    () => Buffer.from(JSON.stringify({ ...row, amount: "much" })),
    () => Buffer.from(JSON.stringify({ ...row, at: null })),
    () => Buffer.from([0xf3, 0x89, 0x9a, 0xc2, 1, 2, 3]),
    () => Buffer.from([0xff, 0xfe, 0xfd]),
    () => new Uint8Array(0),
    () => Buffer.from(JSON.stringify({ ...row, merchant: "\ud800" })),
    () => Buffer.from(JSON.stringify({ ...row, id: "\udfff" })),
  ])();
}
