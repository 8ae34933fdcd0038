import { type FaultName, faultNames, faults } from "../faults/registry.ts";
import { createRandom } from "../random.ts";
import { planRecords, type RecordKind, type RecordPlan } from "./record-plan.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const LEAST_FAULTS = 5;
const RESTED_SHARE = 0.25;
/** Most worlds put in bursts: their batches have more than a record. */
const BURSTS = [1, 10, 15, 20];

/** What a seed makes: everything that is known before the world begins. */
export interface WorldPlan {
  readonly seed: number;
  readonly startMs: number;
  /** Producers put no more after this. */
  readonly lastPutMs: number;
  /** Nothing fails any more after this. */
  readonly calmFromMs: number;
  readonly shards: number;
  readonly rates: Readonly<Partial<Record<FaultName, number>>>;
  readonly records: readonly RecordPlan[];
  readonly batchSize: number;
  readonly batchingWindowMs: number;
  /** Lambda's limit on an invocation. */
  readonly timeoutMs: number;
  /** How many processes wait for work at most. */
  readonly processes: number;
  readonly reads: number;
  /** Whether it has the view of two key fields, which has the most items. */
  readonly hasPair: boolean;
  /** How often every open shard gets a heartbeat; null: never. */
  readonly heartbeatMs: number | null;
}

/** Kinds of record that are faults by their own names. */
const RECORD_FAULTS = [
  "out-of-order",
  "late",
  "future",
  "poison",
  "hot-key",
  "window-edge",
  "long-window-only",
  "producer-retry",
  "foreign-partition-key",
  "item-near-bound",
] as const satisfies readonly (RecordKind & FaultName)[];

export function isRecordFault(kind: RecordKind): kind is (typeof RECORD_FAULTS)[number] {
  return (RECORD_FAULTS as readonly RecordKind[]).includes(kind);
}

/**
 * Makes the world of a seed.
 *
 * @param forced - faults that it has whatever the seed draws; with any, it has no others.
 */
export function planWorld(seed: number, forced: readonly FaultName[] = []): WorldPlan {
  const random = createRandom(seed, "world");
  const names = forced.length > 0 ? forced : drawFaults(seed);
  const rates: Partial<Record<FaultName, number>> = {};
  for (const name of names) {
    const [least, most] = faults.get(name)!.rate;
    rates[name] = createRandom(seed, "rate", name).between(least, most);
  }
  // Shares of records are capped together, so that plain ones remain.
  const shares: Partial<Record<RecordKind, number>> = {};
  const asked = RECORD_FAULTS.reduce((sum, kind) => sum + (rates[kind] ?? 0), 0);
  for (const kind of RECORD_FAULTS) {
    const rate = rates[kind];
    if (rate !== undefined) shares[kind] = (rate * 0.75) / Math.max(0.75, asked);
  }
  shares.heartbeat = 0.02;
  const startMs = Date.UTC(2026, 5, 1) + Math.floor(random.between(0, 24 * HOUR_MS));
  const spanMs = Math.floor(random.between(20 * MINUTE_MS, 110 * MINUTE_MS));
  // Items can be deleted once they have expired and the stream has let go of their records. After a shorter rest they have
  // expired, and their records may still be delivered again.
  const rests =
    rates["ttl-deletion"] !== undefined ? [26, 34] : random.chance(RESTED_SHARE) ? [3, 8] : [0, 0];
  const restMs = Math.floor(random.between(rests[0]! * HOUR_MS, rests[1]! * HOUR_MS));
  const records = planRecords({
    seed,
    count: 300 + random.below(60),
    cards: 20 + random.below(20),
    merchants: 3 + random.below(4),
    burst: random.pick(BURSTS),
    startMs,
    spanMs,
    restMs,
    shares,
  });
  const lastPutMs = records.at(-1)!.atMs;
  return {
    seed,
    startMs,
    lastPutMs,
    calmFromMs: lastPutMs + Math.floor(random.between(0, 10 * MINUTE_MS)),
    shards: 3 + random.below(3),
    rates,
    records,
    batchSize: random.pick([8, 20, 50, 100]),
    batchingWindowMs: random.pick([0, 1_000, 20_000, 60_000]),
    timeoutMs: random.pick([30_000, 60_000]),
    processes: 2 + random.below(5),
    reads: 12 + random.below(12),
    hasPair: random.chance(0.5),
    heartbeatMs: random.pick(restMs > 0 ? [null, 6 * HOUR_MS] : [null, 5 * MINUTE_MS, 20 * MINUTE_MS]),
  };
}

function drawFaults(seed: number): readonly FaultName[] {
  const random = createRandom(seed, "faults");
  const share = random.between(0.15, 0.6);
  const drawn = faultNames.filter((name) => createRandom(seed, "has", name).chance(share));
  const missing = faultNames.filter((name) => !drawn.includes(name));
  while (drawn.length < LEAST_FAULTS) drawn.push(...missing.splice(random.below(missing.length), 1));
  return drawn;
}
