import { describe, expect, it } from "vitest";
import {
  estimateCost,
  type Load,
  type PipelineShape,
  US_EAST_1,
  withPriceFile,
} from "../../lib/cost/index.ts";
import { PRICE_NAMES } from "../../lib/cost/price-list.ts";

const DAY_MS = 86_400_000;
const shape: PipelineShape = {
  sources: [{ name: "payments", retentionMs: 7 * DAY_MS, slaMs: 120_000 }],
  views: [{ id: "card@1", source: "payments", entity: ["card"], writers: "single", itemBytes: 800 }],
  readByPrediction: ["card@1"],
  models: 1,
};
/** Nothing but the stream, its function and the table. */
const bare = { predictionsPerSecond: 0, heartbeats: false, history: "none", monitoring: false } as const;

function usdOf(load: Load, of: PipelineShape = shape) {
  const estimate = estimateCost({ shape: of, load });
  const usd = (service: string, what: string) =>
    estimate.lines.find((line) => line.service === service && line.what === what)?.usd ?? 0;
  return { estimate, usd };
}

/** A month has 2,628,000 seconds. */
describe("an estimate equals what was computed by hand", () => {
  it("for batches that are full, and for ones that no window holds back", () => {
    const four = { ...bare, shards: 4 };
    // 1,000 a second and shard are ten batches of 100: 40 a second = 105.12 million x $0.2.
    const full = usdOf({ ...four, eventsPerSecond: 4_000, batchSize: 100 });
    expect(full.usd("Lambda", "aggregator: requests")).toBeCloseTo(21.024, 6);
    // A shard is read once a second, window or none: half a batch a second and shard.
    const none = usdOf({ ...four, eventsPerSecond: 4, batchingWindowSeconds: 0 });
    expect(none.usd("Lambda", "aggregator: requests")).toBeCloseTo(1.0512, 6);
  });

  it("for entities that batches hold several events of, each in one shard", () => {
    const { usd } = usdOf({ ...bare, shards: 4, eventsPerSecond: 4_000, entities: 400 });
    // 100 a shard: of 1,000 events a batch 100 x (1 - 0.99^1,000) = 99.995683; 4 batches a second x 2.628 million x $0.625.
    expect(usd("DynamoDB", "writes of items")).toBeCloseTo(656.9716, 3);
  });

  it("for four provisioned shards of one event a second each", () => {
    const { estimate, usd } = usdOf({ ...bare, eventsPerSecond: 4, shards: 4 });
    // 4 x 730 h x $0.015; 4 a second = 10.512 million units x $0.014; 4 x 730 h x $0.02.
    expect(usd("Kinesis", "shards")).toBeCloseTo(43.8, 6);
    expect(usd("Kinesis", "puts")).toBeCloseTo(0.147168, 6);
    expect(usd("Kinesis", "retention beyond a day")).toBeCloseTo(58.4, 6);
    // A record is waited for a second, then the window of one: half a batch a second and shard, of two events.
    // 2 a second = 5.256 million x $0.2; 20 + 2 x 0.02 + 2 x 0.4 = 20.84 ms x 5.256 million = 109,535.04 s of 1 GB.
    expect(usd("Lambda", "aggregator: requests")).toBeCloseTo(1.0512, 6);
    expect(usd("Lambda", "aggregator: time")).toBeCloseTo(109_535.04 * 0.0000133334, 6);
    // 4 writes of one unit a second = 10.512 million x $0.625; progress 5.256 million; reads 2 + 2 + 4 a second.
    expect(usd("DynamoDB", "writes of items")).toBeCloseTo(6.57, 6);
    expect(usd("DynamoDB", "writes of progress")).toBeCloseTo(3.285, 6);
    expect(usd("DynamoDB", "reads of batches")).toBeCloseTo(2.628, 6);
    // 9 metrics of the view, 7 of the source, 3 of each route and model: 25 x $0.3.
    expect(usd("CloudWatch", "metrics")).toBeCloseTo(7.5, 6);
    // 2 x (580 + 480 + 400) bytes a second = 7,673,760,000 bytes = 7.1467 GB x $0.5.
    expect(usd("CloudWatch", "logs of batches")).toBeCloseTo(3.57337, 4);
    // The alarms that roll a version of the API back look at three metrics.
    expect(usd("CloudWatch", "alarms")).toBeCloseTo(0.3, 6);
    expect(estimate.totalUsd).toBeCloseTo(
      43.8 + 0.147168 + 58.4 + 1.0512 + 1.4605 + 6.57 + 3.285 + 2.628 + 7.5 + 3.5734 + 0.3,
      3,
    );
    expect(estimate.services.map(({ service }) => service)).toEqual([
      "Kinesis",
      "DynamoDB",
      "CloudWatch",
      "Lambda",
    ]);
  });

  it("for a stream on demand with history and heartbeats", () => {
    const { usd } = usdOf({
      ...bare,
      eventsPerSecond: 1_000,
      eventBytes: 600,
      heartbeats: true,
      history: "parquet",
    });
    // 1000 x 1 KB a second, and of 4 shards 2 heartbeats a minute: (1,024,000 + 4/30 x 1,024) x 2,628,000 / 2^30 GB.
    expect(usd("Kinesis", "streams")).toBeCloseTo(29.2, 6);
    expect(usd("Kinesis", "writes")).toBeCloseTo(((1_000 + 4 / 30) * 2_628_000 * 0.08) / 1_048_576, 6);
    // Read by the function and by Firehose: 2 x 600,000 bytes a second; six days more than one are kept.
    expect(usd("Kinesis", "reads")).toBeCloseTo(
      (2 * (600_000 + (4 / 30) * 34) * 2_628_000 * 0.04) / 2 ** 30,
      6,
    );
    expect(usd("Kinesis", "retention beyond a day")).toBeCloseTo(
      ((600_000 + (4 / 30) * 34) * 6 * 86_400 * 0.1) / 2 ** 30,
      6,
    );
    // Each record is billed as 5 KB: (1000 + 4/30) x 5,120 x 2,628,000 = 13,457,155,584,000 bytes = 12,532.95 GB.
    expect(usd("Firehose", "history")).toBeCloseTo(12_532.95 * 0.029, 1);
    expect(usd("Firehose", "history as Parquet")).toBeCloseTo(12_532.95 * 0.018, 1);
    // 600,000 x 0.3 bytes a second = 440.55 GB; an object is full at 64 MiB, before five minutes: 23,496.15 objects.
    expect(usd("S3", "history of a month")).toBeCloseTo(440.55 * 0.023, 2);
    expect(usd("S3", "objects of history")).toBeCloseTo(23.49615 * 0.005, 5);
    // A batch of the transform is full at 0.2 MiB: 600,000 / 209,715.2 = 2.861022949 a second, 7,518,768.31 a month.
    // 2.861022949 x 50 ms + 1,000.1333 x 0.05 ms = 193.0578141 ms a second = 507,355.9355 s of half a GB.
    expect(usd("Lambda", "history's transform: requests")).toBeCloseTo(7.51876831 * 0.2, 6);
    expect(usd("Lambda", "history's transform: time")).toBeCloseTo(253_677.9678 * 0.0000133334, 5);
    // Two beats an invocation of each minute, 30 s waited and 0.6 s worked, with 192 MB: 43,800 x 30.6 s x 0.1875 GB.
    expect(usd("Lambda", "heartbeats: time")).toBeCloseTo(43_800 * 30.6 * 0.1875 * 0.0000133334, 6);
    expect(usd("EventBridge Scheduler", "heartbeats")).toBeCloseTo(0.0438, 6);
  });

  it("for predictions of a view of one item, and of one of an item a shard", () => {
    const views = [
      ...shape.views,
      {
        id: "shop@1",
        source: "payments",
        entity: ["shop"],
        writers: "one a shard",
        itemBytes: 5_000,
      } as const,
    ];
    const { usd } = usdOf(
      { ...bare, eventsPerSecond: 0, predictionsPerSecond: 100 },
      { ...shape, views, readByPrediction: ["card@1", "shop@1"] },
    );
    // Items: 100 x (1 + 4 shards x 2 units) = 900 units a second; progress, twice a second, of 1 and 4 shards: 10.
    expect(usd("DynamoDB", "reads of predictions")).toBeCloseTo(910 * 2.628 * 0.125, 6);
    // 15 ms of 1,769 MB each.
    expect(usd("Lambda", "API: time")).toBeCloseTo(
      100 * 0.015 * 2_628_000 * (1_769 / 1_024) * 0.0000133334,
      6,
    );
    expect(usd("Lambda", "API: requests")).toBeCloseTo(262.8 * 0.2, 6);
  });
});

describe("a stream", () => {
  const kept = (days: number) => ({
    ...shape,
    sources: [{ ...shape.sources[0]!, retentionMs: days * DAY_MS }],
  });

  it("is paid for what it keeps: up to a week at one price, beyond at another", () => {
    const retention = (days: number, load: Partial<Load> = {}) => {
      const { usd } = usdOf({ ...bare, eventsPerSecond: 1_000, ...load }, kept(days));
      return [usd("Kinesis", "retention beyond a day"), usd("Kinesis", "retention beyond a week")];
    };
    // 300,000 bytes a second are 25.92 billion a day, 24.1398811 GB: six days at $0.1, 358 at $0.023.
    const [week, none] = retention(7);
    expect(week).toBeCloseTo(14.483929, 5);
    expect(none).toBe(0);
    expect(retention(1)).toEqual([0, 0]);
    const [day, beyond] = retention(365);
    expect(day).toBeCloseTo(14.483929, 5);
    expect(beyond).toBeCloseTo(198.767781, 4);
    // Two shards x 730 h x $0.02, and the same bytes.
    const [hours, bytes] = retention(365, { shards: 2 });
    expect(hours).toBeCloseTo(29.2, 6);
    expect(bytes).toBeCloseTo(198.767781, 4);
  });

  it("on demand has shards for twice its bytes, and for twice its records", () => {
    const invocations = (eventsPerSecond: number, eventBytes: number) => {
      const { estimate } = usdOf({ ...bare, eventsPerSecond, eventBytes });
      return estimate.lines.find(({ what }) => what === "aggregator: requests")!.quantity;
    };
    // 20 shards of 500 records a second: 500 / 501 batches a second each.
    expect(invocations(10_000, 100)).toBeCloseTo(20 * (500 / 501) * 2.628, 6);
    // 20,000,000 bytes are 19.07 MB a second: 39 shards of 256.41 records.
    expect(invocations(10_000, 2_000)).toBeCloseTo(39 * (10_000 / 39 / (10_000 / 39 + 1)) * 2.628, 5);
    expect(invocations(4, 100)).toBeCloseTo(4 * 0.5 * 2.628, 6);
    const { savings } = estimateCost({
      shape: kept(1),
      load: { ...bare, eventsPerSecond: 10_000, eventBytes: 100 },
    });
    expect(savings.map(({ change }) => change).join()).toContain("streams of 20 provisioned shards");
  });

  it("is read by Firehose alone where no view reads it, and by nothing without history", () => {
    const unread = { ...shape, views: [], readByPrediction: [] };
    const reads = (load: Partial<Load>, of: PipelineShape) =>
      usdOf({ ...bare, eventsPerSecond: 1_000, ...load }, of).usd("Kinesis", "reads");
    // 300,000 x 2,628,000 bytes = 734.2547 GB x $0.04.
    expect(reads({ history: "json" }, unread)).toBeCloseTo(29.370189, 3);
    expect(reads({ history: "json" }, shape)).toBeCloseTo(2 * 29.370189, 3);
    expect(reads({}, unread)).toBe(0);
    expect(reads({}, shape)).toBeCloseTo(29.370189, 3);
  });

  it("that exists already costs its owner what it did", () => {
    const { usd, estimate } = usdOf({
      ...bare,
      history: "json",
      eventsPerSecond: 1_000,
      shards: 1,
      existingStreams: ["payments"],
    });
    expect(estimate.services.map(({ service }) => service)).not.toContain("Kinesis");
    // Its shards are not known: four, of 250 records.
    expect(usd("Lambda", "aggregator: requests")).toBeCloseTo(4 * (250 / 251) * 2.628 * 0.2, 6);
    expect(usd("Firehose", "history")).toBeGreaterThan(0);
    // Nor is it another's to change.
    expect(estimate.savings.map(({ change }) => change).filter((each) => each.includes("streams"))).toEqual(
      [],
    );
  });

  it("is paid for beside one that exists", () => {
    const two = {
      ...shape,
      sources: [...shape.sources, { name: "orders", retentionMs: DAY_MS, slaMs: null }],
    };
    const { usd } = usdOf(
      { ...bare, eventsPerSecond: { payments: 1_000, orders: 1 }, existingStreams: ["payments"] },
      two,
    );
    expect(usd("Kinesis", "streams")).toBeCloseTo(29.2, 6);
    // One record of 1 KB a second.
    expect(usd("Kinesis", "writes")).toBeCloseTo((2_628_000 * 0.08) / 1_048_576, 6);
  });

  it("is sent heartbeats only where it is said to be", () => {
    const beats = (heartbeats: Load["heartbeats"] & {}) =>
      usdOf({ ...bare, eventsPerSecond: 0, heartbeats }).usd("EventBridge Scheduler", "heartbeats");
    expect(beats(["payments"])).toBeCloseTo(0.0438, 6);
    expect(beats([])).toBe(0);
  });
});

describe("history", () => {
  const history = (load: Partial<Load>) => usdOf({ ...bare, history: "json", eventsPerSecond: 1, ...load });

  it("is written once a buffering interval, or when an object is full, and not without events", () => {
    const puts = (load: Partial<Load>) => history(load).usd("S3", "objects of history");
    expect(puts({})).toBeCloseTo(8.76 * 0.005, 6);
    expect(puts({ bufferingIntervalSeconds: 60 })).toBeCloseTo(43.8 * 0.005, 6);
    expect(puts({ bufferingIntervalSeconds: 900 })).toBeCloseTo(2.92 * 0.005, 6);
    // 1000 x 6,710.8864 bytes a second: a tenth of 64 MiB.
    expect(puts({ eventsPerSecond: 1_000, eventBytes: 6_710.8864 })).toBeCloseTo(262.8 * 0.005, 6);
    expect(puts({ eventsPerSecond: 0 })).toBe(0);
  });

  it("is checked a batch a minute and shard where little comes", () => {
    const { usd } = history({});
    // Four shards, each a batch a minute: 175,200; 50 ms each, and 0.05 ms of each of 2,628,000 records: 8,891.4 s.
    expect(usd("Lambda", "history's transform: requests")).toBeCloseTo(0.1752 * 0.2, 6);
    expect(usd("Lambda", "history's transform: time")).toBeCloseTo(4_445.7 * 0.0000133334, 6);
  });
});

describe("the table", () => {
  it("is paid for what it keeps, and twice: point-in-time recovery keeps it too", () => {
    const views = [
      ...shape.views,
      {
        id: "shop@1",
        source: "payments",
        entity: ["shop"],
        writers: "one a shard",
        itemBytes: 2_000,
      } as const,
      { id: "all@1", source: "payments", entity: [], writers: "one a shard", itemBytes: 500 } as const,
    ];
    const load = { ...bare, eventsPerSecond: 1, entities: 1_000_000, shards: 3 };
    const { usd } = usdOf(load, { ...shape, views });
    // A million of 800 bytes, three million of 2,000, three of 500: 6,800,001,500 bytes = 6.332995 GB.
    expect(usd("DynamoDB", "storage")).toBeCloseTo(1.5832487, 6);
    expect(usd("DynamoDB", "point-in-time recovery")).toBeCloseTo(1.266599, 6);
  });
});

describe("functions", () => {
  it("cost more on x86_64", () => {
    const { usd } = usdOf({ ...bare, eventsPerSecond: 4, shards: 4, architecture: "x86_64" });
    // As above on arm64: 109,535.04 s of 1 GB.
    expect(usd("Lambda", "aggregator: time")).toBeCloseTo(109_535.04 * 0.0000166667, 6);
  });
});

describe("without the API", () => {
  it("predictions are another process's: what they read is paid for, the function and its watch are not", () => {
    const load: Partial<Load> = { predictionsPerSecond: 20, monitoring: true };
    const { usd } = usdOf({ ...bare, eventsPerSecond: 0, ...load, api: false, provisionedConcurrency: 5 });
    const whole = usdOf({ ...bare, eventsPerSecond: 0, ...load });
    for (const what of ["API: requests", "API: time", "API: kept warm", "API: time, kept warm"]) {
      expect(usd("Lambda", what), what).toBe(0);
    }
    expect(usd("CloudWatch", "logs of predictions")).toBe(0);
    // 3 metrics of each of two routes, 3 of a model; alarms on 4 metrics.
    expect(whole.usd("CloudWatch", "metrics") - usd("CloudWatch", "metrics")).toBeCloseTo(2.7, 6);
    expect(whole.usd("CloudWatch", "alarms") - usd("CloudWatch", "alarms")).toBeCloseTo(0.4, 6);
    // 20 items and 2 of progress a second.
    expect(usd("DynamoDB", "reads of predictions")).toBeCloseTo(22 * 2.628 * 0.125, 6);
  });
});

describe("environments kept warm", () => {
  const api = (load: Partial<Load>) =>
    usdOf({ ...bare, eventsPerSecond: 0, predictionsPerSecond: 20, apiMemoryMb: 1_769, ...load });

  it("are paid for whether they are asked or not, and make what they serve cheaper", () => {
    const without = api({});
    const with100 = api({ provisionedConcurrency: 100 });
    // 100 x 1,769 MB = 172.7539 GB, for 2,628,000 s = 453,997,265.625 GB-seconds x $0.0000033334 = $1,513.354485.
    expect(with100.usd("Lambda", "API: kept warm")).toBeCloseTo(1_513.354485, 5);
    // 20 x 15 ms = 0.3 at a time, all of them warm: 0.3 x 2,628,000 x 1.727539 GB = 1,361,991.796875 GB-seconds.
    expect(without.usd("Lambda", "API: time")).toBeCloseTo(1_361_991.796875 * 0.0000133334, 5);
    expect(with100.usd("Lambda", "API: time")).toBeCloseTo(0, 6);
    expect(with100.usd("Lambda", "API: time, kept warm")).toBeCloseTo(1_361_991.796875 * 0.0000077778, 5);
    // $18.159981 of time less $10.593300, and $1,513.354485 more.
    expect(with100.estimate.totalUsd - without.estimate.totalUsd).toBeCloseTo(1_505.7878, 3);
  });

  it("leave the rest to others where more is asked at a time than they are", () => {
    // 200 x 15 ms = 3 at a time, one of which is warm: a third of 7,884,000 s is 2,628,000 s, of 1 GB.
    const { usd } = api({ predictionsPerSecond: 200, apiMemoryMb: 1_024, provisionedConcurrency: 1 });
    expect(usd("Lambda", "API: time, kept warm")).toBeCloseTo(2_628_000 * 0.0000077778, 5);
    expect(usd("Lambda", "API: time")).toBeCloseTo(5_256_000 * 0.0000133334, 5);
  });

  it("have prices of their own on x86_64", () => {
    const { usd } = api({ provisionedConcurrency: 1, apiMemoryMb: 1_024, architecture: "x86_64" });
    expect(usd("Lambda", "API: kept warm")).toBeCloseTo(2_628_000 * 0.0000041667, 5);
    expect(usd("Lambda", "API: time, kept warm")).toBeCloseTo(788_400 * 0.0000097222, 5);
  });
});

describe("what is written", () => {
  const writes = (load: Partial<Load>, of: PipelineShape = shape) =>
    usdOf({ ...bare, eventsPerSecond: 1_000, shards: 1, ...load }, of).usd("DynamoDB", "writes of items");

  it("is less when events of a batch are of few entities, and when batches are longer", () => {
    const each = writes({});
    // 1000 events a second of one entity, a batch of 1000 a second: one write a second.
    expect(writes({ entities: 1 })).toBeCloseTo(2.628 * 0.625, 1);
    expect(writes({ entities: 1_000 })).toBeLessThan(0.7 * each);
    expect(writes({ entities: 1_000, batchingWindowSeconds: 30, batchSize: 10_000 })).toBeLessThan(
      0.2 * each,
    );
    expect(writes({ batchingWindowSeconds: 30 })).toBeCloseTo(each, 6);
  });

  it("is more for items of more kilobytes, and one write a batch where there is no entity", () => {
    const big = { ...shape, views: [{ ...shape.views[0]!, itemBytes: 2_500 }] };
    expect(writes({}, big)).toBeCloseTo(3 * writes({}), 6);
    const everything = {
      ...shape,
      views: [{ ...shape.views[0]!, entity: [], writers: "one a shard" as const }],
    };
    expect(writes({}, everything)).toBeCloseTo(2.628 * 0.625, 1);
  });
});

describe("savings", () => {
  it("are priced by the same estimate, the most first", () => {
    const load: Load = { eventsPerSecond: 20, predictionsPerSecond: 5, entities: 500 };
    const { savings, totalUsd } = estimateCost({ shape, load });
    const longer = estimateCost({ shape, load: { ...load, batchingWindowSeconds: 30 } });
    const told = savings.find(({ change }) => change.startsWith("a batching window of 30s"))!;
    expect(told.usd).toBeCloseTo(totalUsd - longer.totalUsd, 6);
    expect(savings.map(({ usd }) => usd)).toEqual(savings.map(({ usd }) => usd).sort((a, b) => b - a));
  });

  it("know views that could be one, and leave a view that is read under two names as it is", () => {
    const twice = {
      ...shape,
      views: [...shape.views, { ...shape.views[0]!, id: "risk@2", itemBytes: 150 }],
      readByPrediction: ["card@1", "card@1", "risk@2"],
    };
    const load: Load = { eventsPerSecond: 500, predictionsPerSecond: 100 };
    const { savings, totalUsd } = estimateCost({ shape: twice, load });
    const merged = estimateCost({
      shape: {
        ...shape,
        views: [{ ...shape.views[0]!, itemBytes: 950 }],
        readByPrediction: ["card@1", "card@1"],
      },
      load,
    });
    const told = savings.find(({ change }) => change.includes("card@1 and risk@2"))!;
    expect(told.usd).toBeCloseTo(totalUsd - merged.totalUsd, 6);
  });

  it("tell of heartbeats where they weigh, and of nothing that is not worth it", () => {
    const quiet: Load = {
      eventsPerSecond: 0.001,
      predictionsPerSecond: 0,
      shards: 4,
      history: "none",
      monitoring: false,
    };
    const tight = { ...shape, sources: [{ ...shape.sources[0]!, slaMs: 6_000 }] };
    expect(
      estimateCost({ shape: tight, load: quiet })
        .savings.map(({ change }) => change)
        .join(),
    ).toContain("an SLA of 3m for the views over payments");
    for (const { usd } of estimateCost({ shape, load: quiet }).savings) expect(usd).toBeGreaterThanOrEqual(1);
  });
});

describe("prices", () => {
  it("say of each its page and unit, and of all their day", () => {
    expect(Object.keys(US_EAST_1.prices)).toEqual([...PRICE_NAMES]);
    for (const [name, { usd, unit, page }] of Object.entries(US_EAST_1.prices)) {
      expect(usd, name).toBeGreaterThan(0);
      expect(unit, name).not.toBe("");
      expect(page, name).toMatch(/^https:\/\/aws\.amazon\.com\//);
    }
    expect(US_EAST_1.date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  });

  it("are replaced by a file's, which is checked", () => {
    const file = { region: "eu-west-1", date: "2026-01-31", usd: { kinesisShardHour: 0.03 } };
    const prices = withPriceFile(US_EAST_1, file, "prices.json");
    const dearer = estimateCost({ shape, load: { ...bare, eventsPerSecond: 4, shards: 4 }, prices });
    expect(dearer).toMatchObject({ region: "eu-west-1", pricesOf: "2026-01-31" });
    expect(dearer.lines.find(({ what }) => what === "shards")!.usd).toBeCloseTo(87.6, 6);
    expect(prices.prices.kinesisShardHour.page).toBe("prices.json");
    for (const [wrong, told] of [
      [[], "is no price file"],
      [{ ...file, region: "" }, "says no region"],
      [{ ...file, date: "today" }, 'says the date "today"'],
      [{ ...file, usd: { shard: 1 } }, "names shard; prices are kinesisStreamHour"],
      [{ ...file, usd: { kinesisInGb: "0.1" } }, 'gives kinesisInGb "0.1"'],
      [{ ...file, prices: {} }, "has the field prices"],
    ] as const) {
      expect(() => withPriceFile(US_EAST_1, wrong, "prices.json")).toThrow(`prices.json ${told}`);
    }
  });
});

it("refuses a load that cannot be", () => {
  const estimate = (load: Partial<Load>) => () =>
    estimateCost({ shape, load: { eventsPerSecond: 1, predictionsPerSecond: 0, ...load } });
  expect(estimate({ eventsPerSecond: -1 })).toThrow("eventsPerSecond is -1");
  expect(estimate({ eventsPerSecond: { orders: 1 } })).toThrow(
    'names the source "orders"; there are payments',
  );
  expect(estimate({ eventsPerSecond: { payments: Number.NaN } })).toThrow(
    "eventsPerSecond of payments is NaN",
  );
  for (const [text, told] of [
    ["100", 'eventsPerSecond is "100"; it is a number, or numbers by source'],
    [undefined, "eventsPerSecond is undefined; it is a number"],
    [{ payments: "1" }, 'eventsPerSecond of payments is "1"; it is a number from 0 on'],
  ] as const) {
    expect(estimate({ eventsPerSecond: text as never })).toThrow(told);
  }
  expect(estimate({ entities: 0 })).toThrow("entities is 0");
  expect(estimate({ shards: 0 })).toThrow("shards is 0");
  expect(estimate({ bufferingIntervalSeconds: -1 })).toThrow("bufferingIntervalSeconds is -1");
  expect(estimate({ existingStreams: ["order"] })).toThrow(
    'existingStreams names the source "order"; there are payments',
  );
  expect(estimate({ heartbeats: ["order"] })).toThrow(
    'heartbeats names the source "order"; there are payments',
  );
  expect(estimate({ shards: "ondemand" as never })).toThrow(
    'shards is "ondemand"; it is "on-demand", or a number from 1 on.',
  );
  expect(estimate({ provisionedConcurrency: -1 })).toThrow("provisionedConcurrency is -1");
  expect(estimate({ batchSize: 10_001 })).toThrow("batchSize is 10001; it is a number from 1 to 10000.");
  expect(estimate({ bufferingIntervalSeconds: 901 })).toThrow("it is a number from 0 to 900.");
  expect(estimate({ batchingWindowSeconds: 301 })).toThrow("it is a number from 0 to 300.");
});
