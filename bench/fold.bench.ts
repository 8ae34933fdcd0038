/**
 * The hot path without the network: base64 records of about 200 bytes, as Lambda delivers them, decoded, checked and
 * folded to encoded item bytes, images in memory; beside a bare base64 + JSON.parse of the same records.
 * Prints the medians of alternated runs and their ratios, by the clock and by the processor. A busy machine bends the
 * first; the second counts all threads, so what the garbage collector does beside the main one is in it.
 */
import { parseArgs } from "node:util";
import { z } from "zod";
import { source, view } from "../lib/define/index.ts";
import { createPassingDecoder, type PassingDecoder } from "../lib/engine/decode.ts";
import { foldBatch, type ItemState } from "../lib/engine/fold.ts";
import { planView } from "../lib/engine/plan.ts";
import type { DeliveredRecord } from "../lib/engine/record.ts";
import { decodeBatch } from "../lib/online/decode-batch.ts";
import { EntityDirectory } from "../lib/online/entity-directory.ts";
import { EntityGroups } from "../lib/online/group-by-entity.ts";
import { cardEvents } from "./card-events.ts";

const { values: options } = parseArgs({
  options: {
    events: { type: "string", default: "400000" },
    keys: { type: "string", default: "1000" },
    batch: { type: "string", default: "5000" },
    runs: { type: "string", default: "5" },
    json: { type: "boolean", default: false },
  },
});
const count = Number(options.events);
const batchSize = Number(options.batch);

const payments = source("payments", {
  schema: z.object({
    id: z.string(),
    card: z.string(),
    merchant: z.string(),
    category: z.string(),
    amount: z.number(),
    at: z.number(),
  }),
  partitionKey: "card",
  eventTime: "at",
  eventId: "id",
});
const card = view("card", {
  version: 1,
  source: payments,
  entity: "card",
  sla: "2m",
  features: (t) => ({
    spend: t.sum("amount").over("5m", "1h", "24h"),
    txns: t.count().over("5m", "1h", "24h"),
    average: t.mean("amount").over("5m", "1h", "24h"),
    largest: t.max("amount").over("5m", "1h", "24h"),
    smallest: t.min("amount").over("5m", "1h", "24h"),
    latest: t.last("amount").over("5m", "1h", "24h"),
    inX: t.count({ where: { category: "x" } }).over("5m", "1h", "24h"),
    merchants: t.approxDistinct("merchant").over("5m", "1h", "24h"),
  }),
});
const plan = planView(card);

/** A record as the aggregate function takes it from Lambda: its bytes are made when something asks for them. */
class BenchRecord implements DeliveredRecord {
  constructor(
    readonly base64: string,
    readonly partitionKey: string,
    readonly sequenceNumber: string,
    readonly approximateArrivalMs: number,
  ) {}

  get data(): Uint8Array {
    return Buffer.from(this.base64, "base64");
  }
}

const shard = {
  writer: "00000000/shardId-000000000000",
  hashRange: { start: "0".repeat(32), end: "f".repeat(32) },
};
const startMs = Date.UTC(2026, 0, 1);

/** One batch at a time, as a function is handed them: what the whole run would hold is no part of the work. */
function* batches(): Generator<readonly BenchRecord[]> {
  let records: BenchRecord[] = [];
  let index = 0;
  for (const event of cardEvents({ count, keys: Number(options.keys) })) {
    const base64 = Buffer.from(JSON.stringify(event)).toString("base64");
    records.push(
      new BenchRecord(base64, event.card, String(10n ** 55n + BigInt(index)), startMs + index * 40),
    );
    index++;
    if (records.length < batchSize && index < count) continue;
    yield records;
    records = [];
  }
}

function bareParse(records: readonly BenchRecord[]): number {
  let sum = 0;
  for (const { base64 } of records) sum += JSON.parse(Buffer.from(base64, "base64").toString("utf8")).amount;
  return sum;
}

/** What a process keeps from batch to batch. */
interface Tools {
  readonly decode: PassingDecoder["decode"];
  readonly entities: EntityDirectory;
}

function createTools(): Tools {
  const { decode, fields } = createPassingDecoder(payments);
  return { decode, entities: new EntityDirectory(plan, fields) };
}

/** Folds a batch into the items, as the write loop does between its reads and its writes. */
function fold(
  { decode, entities }: Tools,
  records: readonly BenchRecord[],
  items: Map<string, ItemState>,
): void {
  const grouped = new EntityGroups(plan, entities, { writer: shard.writer, records: records.length });
  const batch = decodeBatch(payments, decode, shard, records, (event, index) => grouped.add(event, index));
  if (batch.events !== records.length) throw new Error("a benchmark record was not an event");
  for (const group of grouped.groups()) {
    const { pk, events } = group;
    const { item } = foldBatch({ plan, writer: shard.writer, item: items.get(pk), events, range: group });
    items.set(pk, item!);
  }
}

/** Time of one kind of work in a run. */
class Spent {
  wallMs = 0;
  cpuMicroseconds = 0;

  on(work: () => unknown): void {
    const cpuBefore = process.cpuUsage();
    const startedMs = performance.now();
    work();
    this.wallMs += performance.now() - startedMs;
    const { user, system } = process.cpuUsage(cpuBefore);
    this.cpuMicroseconds += user + system;
  }

  get rates(): Rates {
    return { wall: (count / this.wallMs) * 1e3, cpu: (count / this.cpuMicroseconds) * 1e6 };
  }
}

/** Records a second, by the clock and by processor time. */
interface Rates {
  readonly wall: number;
  readonly cpu: number;
}

/** Both kinds of work on every batch in turn, so that what slows the machine slows both. */
function run(): { parsed: Rates; folded: Rates; items: ReadonlyMap<string, ItemState> } {
  const parsed = new Spent();
  const folded = new Spent();
  const tools = createTools();
  const items = new Map<string, ItemState>();
  for (const records of batches()) {
    parsed.on(() => bareParse(records));
    folded.on(() => fold(tools, records, items));
  }
  return { parsed: parsed.rates, folded: folded.rates, items };
}

const median = (numbers: number[]): number => numbers.sort((a, b) => a - b)[numbers.length >> 1]!;

const [first] = cardEvents({ count: 1, keys: 1 });
const recordBytes = JSON.stringify(first).length;
const { items } = run();
const runs = Array.from({ length: Number(options.runs) }, run);
const ratio = (by: keyof Rates) =>
  Number(median(runs.map(({ parsed, folded }) => folded[by] / parsed[by])).toFixed(2));
const bytes = [...items.values()].reduce((sum, item) => sum + item.image.length, 0) / items.size;
const summary = {
  events: count,
  keys: items.size,
  batch: batchSize,
  recordBytes,
  bareParsePerSecond: Math.round(median(runs.map(({ parsed }) => parsed.wall))),
  foldPerSecond: Math.round(median(runs.map(({ folded }) => folded.wall))),
  bareParsePerCpuSecond: Math.round(median(runs.map(({ parsed }) => parsed.cpu))),
  foldPerCpuSecond: Math.round(median(runs.map(({ folded }) => folded.cpu))),
  ratio: ratio("wall"),
  cpuRatio: ratio("cpu"),
  imageBytes: Math.round(bytes),
};
if (options.json) console.log(JSON.stringify(summary));
else {
  console.log(
    `${summary.events} records of ${summary.recordBytes} bytes, ${summary.keys} keys, batches of ${batchSize}`,
  );
  console.log(
    `bare base64 + JSON.parse  ${summary.bareParsePerSecond} records/s, ${summary.bareParsePerCpuSecond} a second of CPU`,
  );
  console.log(
    `decode, check and fold    ${summary.foldPerSecond} records/s, ${summary.foldPerCpuSecond} a second of CPU (8 features over 3 windows, ${summary.imageBytes} bytes an image)`,
  );
  console.log(`ratio                     ${summary.ratio} by the clock`);
  console.log(
    `ratio by CPU              ${summary.cpuRatio} (all threads: garbage collection beside the main one counts)`,
  );
}
