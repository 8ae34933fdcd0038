import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { shapeOfDefinitions } from "../../bin/cost/shape-of-definitions.ts";
import type { CostEstimate } from "../../lib/cost/index.ts";
import { collectDefinitions } from "../../lib/define/collect-definitions.ts";
import * as fraud from "../define/fixtures/fraud.ts";
import { run } from "./run-command.ts";

const definitions = fileURLToPath(new URL("../define/fixtures/fraud.ts", import.meta.url));
const load = ["--events-per-second", "100", "--predictions-per-second", "20"];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "freshet-cost-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("freshet cost", () => {
  it("prints the total, by service, what it is made of and what would lower it", async () => {
    const { exitCode, printed, errors } = await run("cost", definitions, ...load);
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: "" });
    expect(printed).toMatch(/^\$[\d,]+\.\d\d a month, by list prices of us-east-1 of \d{4}-\d{2}-\d{2}/);
    expect(printed).toContain("events a second: logins 50, transactions 50");
    expect(printed).toMatch(/by service\n +\$[\d.,]+ {2}DynamoDB {2}\(\d+ %\)/);
    expect(printed).toContain("DynamoDB, writes of items");
    expect(printed).toContain("a batching window of 30s");
  });

  it("prints one JSON object, whose lines add up", async () => {
    const { printed } = await run("cost", definitions, ...load, "--entities", "1000", "--json");
    const estimate = JSON.parse(printed) as CostEstimate;
    expect(estimate.load).toMatchObject({ entities: 1000, predictionsPerSecond: 20 });
    expect(estimate.lines.reduce((sum, { usd }) => sum + usd, 0)).toBeCloseTo(estimate.totalUsd, 6);
    expect(estimate.services.reduce((sum, { usd }) => sum + usd, 0)).toBeCloseTo(estimate.totalUsd, 6);
  });

  it("takes rates by source, a deployment's settings, and prices from a file", async () => {
    const prices = join(folder, "prices.json");
    await writeFile(
      prices,
      JSON.stringify({ region: "mars-1", date: "2030-01-01", usd: { kinesisShardHour: 1 } }),
    );
    const { printed, errors } = await run(
      "cost",
      definitions,
      ...["--events-per-second", "transactions=10", "--events-per-second", "logins=2.5", "--shards", "3"],
      ...["--window", "5", "--history", "none", "--no-heartbeats", "--prices", prices, "--json"],
      ...["--provisioned-concurrency", "2", "--buffering-interval", "900", "--no-api"],
    );
    expect(errors).toBe("");
    const { load: stated, region, lines } = JSON.parse(printed) as CostEstimate;
    expect(stated).toMatchObject({
      eventsPerSecond: { transactions: 10, logins: 2.5 },
      shards: 3,
      batchingWindowSeconds: 5,
      history: "none",
      heartbeats: false,
      provisionedConcurrency: 2,
      bufferingIntervalSeconds: 900,
      api: false,
    });
    expect(region).toBe("mars-1");
    // Two streams of three shards.
    expect(lines.find(({ what }) => what === "shards")!.usd).toBe(2 * 3 * 730);
  });

  it("leaves streams out that exist already", async () => {
    const streams = async (...more: readonly string[]) => {
      const { printed } = await run("cost", definitions, ...load, ...more, "--json");
      const { lines } = JSON.parse(printed) as CostEstimate;
      return lines.find(({ what }) => what === "streams")?.quantity ?? 0;
    };
    expect(await streams()).toBe(2 * 730);
    expect(await streams("--existing-stream", "logins")).toBe(730);
    expect(await streams("--existing-stream", "logins", "--existing-stream", "transactions")).toBe(0);
  });

  it("refuses what it cannot take: usage with 2, files with 1", async () => {
    expect((await run("cost", definitions)).exitCode).toBe(2);
    expect((await run("cost", definitions, "--events-per-second", "many")).exitCode).toBe(2);
    expect((await run("cost", definitions, ...load, "--shards", "0")).exitCode).toBe(2);
    for (const [flag, value, range] of [
      ["--window", "301", "a whole number from 0 to 300"],
      ["--window", "0.5", "a whole number from 0 to 300"],
      ["--buffering-interval", "901", "a whole number from 0 to 900"],
      ["--buffering-interval", "60.5", "a whole number from 0 to 900"],
      ["--batch-size", "10001", "a whole number from 1 to 10000"],
      ["--batch-size", "99.5", "a whole number from 1 to 10000"],
      ["--entities", "0", "a whole number from 1 on"],
      ["--entities", "1.5", "a whole number from 1 on"],
      ["--provisioned-concurrency", "0.5", "a whole number from 0 on"],
      ["--event-bytes", "0", "a number from 1 on"],
      ["--shards", "1.5", 'a whole number from 1, or "on-demand"'],
    ] as const) {
      const refused = await run("cost", definitions, ...load, flag, value);
      expect(refused.exitCode, flag).toBe(2);
      expect(refused.errors).toMatch(new RegExp(`${flag} <.*argument '${value}' is invalid.*${range}\\.`));
    }
    // Averages may lie between.
    const averages = ["--event-bytes", "312.5", "--predictions-per-second", "0.5", "--entities", "1e6"];
    expect((await run("cost", definitions, ...load, ...averages)).exitCode).toBe(0);
    const twice = ["--events-per-second", "logins=1", "--events-per-second", "logins=2"];
    expect((await run("cost", definitions, ...twice)).exitCode).toBe(2);
    const noSource = await run("cost", definitions, "--events-per-second", "orders=1");
    expect(noSource).toMatchObject({ exitCode: 1 });
    expect(noSource.errors).toContain('the source "orders"');
    const noFile = await run("cost", definitions, ...load, "--prices", join(folder, "none.json"));
    expect(noFile).toMatchObject({ exitCode: 1 });
    expect(noFile.errors).toContain("cannot be read");
  });
});

describe("what of a load cannot be deployed", () => {
  it("refuses a window that is no shorter than the tightest SLA, as FeaturePipeline does", async () => {
    const window = (seconds: string) => run("cost", definitions, ...load, "--window", seconds);
    const refused = await window("120");
    expect(refused.exitCode).toBe(1);
    expect(refused.errors).toMatch(/^freshet: --window is 120, and view \w+@1 has an SLA of 2m: .*stale/);
    expect((await window("119")).exitCode).toBe(0);
  });

  it("warns of streams whose provisioned shards cannot take the stated events", async () => {
    const rates = (rate: string, ...more: readonly string[]) =>
      run("cost", definitions, "--events-per-second", `transactions=${rate}`, ...more);
    const warnings = async (...given: Parameters<typeof rates>) => {
      const { exitCode, printed } = await rates(...given);
      expect(exitCode).toBe(0);
      return printed.split("\n").filter((line) => line.startsWith("warning: "));
    };
    expect(await warnings("2001", "--shards", "2")).toEqual([
      "warning: 2 provisioned shards cannot take the 2001 events a second of transactions: a shard takes 1 MB and 1,000 records a second, so it needs 3 at least",
    ]);
    expect(await warnings("150", "--shards", "1", "--event-bytes", "10000")).toEqual([
      expect.stringMatching(/^warning: 1 provisioned shard cannot take the 150 .*needs 2 at least$/),
    ]);
    expect(await warnings("2000", "--shards", "2")).toEqual([]);
    expect(await warnings("2001", "--shards", "3")).toEqual([]);
    expect(await warnings("2001")).toEqual([]);
    expect(await warnings("2001", "--shards", "1", "--existing-stream", "transactions")).toEqual([]);
  });
});

it("the shape of definitions: sources, views with their items, and what a prediction reads", () => {
  const shape = shapeOfDefinitions(collectDefinitions(fraud));
  expect([...shape.sources].sort((a, b) => a.name.localeCompare(b.name))).toEqual([
    { name: "logins", retentionMs: 604_800_000, slaMs: 300_000 },
    { name: "transactions", retentionMs: 604_800_000, slaMs: 120_000 },
  ]);
  expect(shape.readByPrediction).toEqual(["card@1", "card_merchant@1", "account@1", "account@1"]);
  expect(shape.models).toBe(1);
  const card = shape.views.find(({ id }) => id === "card@1")!;
  expect(card).toMatchObject({ source: "transactions", entity: ["card"], writers: "single" });
  expect(card.itemBytes).toBeLessThan(
    shapeOfDefinitions(collectDefinitions(fraud), { items: "bound" }).views.find(({ id }) => id === "card@1")!
      .itemBytes,
  );
});
