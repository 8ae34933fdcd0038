import { setTimeout as wait } from "node:timers/promises";
import { DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ChosenEntity } from "../../examples/flights/check/moments.ts";
import { openRecount, type Recount } from "../../examples/flights/check/recount.ts";
import type { RecountedMoment } from "../../examples/flights/check/recount-vector.ts";
import { forEachView } from "../../examples/flights/check/recount-views.ts";
import {
  allEntities,
  countValues,
  readEntities,
  verifyEntities,
} from "../../examples/flights/check/verify-entities.ts";
import {
  arrivals as arrivalSource,
  departures as departureSource,
} from "../../examples/flights/definitions.ts";
import { type FlightEvents, loadEvents } from "../../examples/flights/events.ts";
import { FILE_RANGE, type TimeRange } from "../../examples/flights/flights.ts";
import { dynamoClient, kinesisClient, s3Client } from "../../functions/aws-clients.ts";
import { put } from "../../lib/client/index.ts";
import { createDynamoStateStore } from "../../lib/online/dynamo-state-store.ts";
import { createReader } from "../../lib/online/reader.ts";
import { createS3ObjectStore } from "../../lib/online/s3-object-store.ts";
import { type Deployment, deploy } from "../../localstack/deployment.ts";
import { type Ministack, startMinistack } from "../../localstack/ministack.ts";
import { postSigned } from "./signed-request.ts";

const STACK = "FreshetFlights";
const RECORDS = 2_000;
const ENTITIES = 200;
const FOLDED_WITHIN_MS = 300_000;
/** A schedule's first invocation may be a minute off, and a queue of records before it. */
const FRESH_WITHIN_MS = 300_000;

let server: Ministack | null = null;
let deployment: Deployment;
let events: FlightEvents;
let range: TimeRange;
let recount: Recount;
let endpoint: string;

/** The first events of the file, both streams together, up to a minute in which the wanted number is reached. */
async function firstEvents(count: number): Promise<{ events: FlightEvents; range: TimeRange }> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const { fromMs } = FILE_RANGE;
  const day = await loadEvents(connection, { fromMs, endMs: fromMs + 86_400_000 });
  connection.closeSync();
  instance.closeSync();
  const times = [...day.departures, ...day.arrivals].map(({ timeMs }) => timeMs).sort((a, b) => a - b);
  const endMs = times[count - 1]! + 1;
  const within = <Event extends { timeMs: number }>(all: readonly Event[]) =>
    all.filter(({ timeMs }) => timeMs < endMs);
  return {
    events: { departures: within(day.departures), arrivals: within(day.arrivals) },
    range: { fromMs, endMs },
  };
}

beforeAll(async () => {
  ({ events, range } = await firstEvents(RECORDS));
  const given = process.env.AWS_ENDPOINT_URL;
  if (given === undefined) server = await startMinistack();
  endpoint = given ?? server!.endpoint;
  deployment = await deploy(endpoint, STACK);
  recount = await openRecount(range);
});
afterAll(async () => {
  recount?.close();
  await deployment?.destroy();
  await server?.stop();
});

const store = () =>
  createDynamoStateStore({
    client: dynamoClient(deployment.environment),
    table: deployment.outputs.TableName!,
  });

/** Every view at the end of what was put. */
async function recountAtEnd(): Promise<RecountedMoment> {
  const views = forEachView((view) => view);
  const read = await Promise.all(
    Object.values(views).map(async (view) => [view, await recount.readView(view, range.endMs)] as const),
  );
  return Object.fromEntries(read) as unknown as RecountedMoment;
}

/** Some of all, evenly, the first and the last among them. */
function choose(all: readonly ChosenEntity[], count: number): readonly ChosenEntity[] {
  return Array.from(
    { length: count },
    (_, index) => all[Math.floor((index * (all.length - 1)) / (count - 1))]!,
  );
}

/** Asks the function's URL. */
function ask(path: string, body: object): ReturnType<typeof postSigned> {
  const { environment, outputs } = deployment;
  return postSigned(new URL(path, outputs.ApiUrl!), body, {
    endpoint,
    region: environment.AWS_REGION!,
    accessKeyId: environment.AWS_ACCESS_KEY_ID!,
    secretAccessKey: environment.AWS_SECRET_ACCESS_KEY!,
  });
}

describe("the flights' stack, deployed", () => {
  it(`folds ${RECORDS} records as a recount has it, in every feature of ${ENTITIES} entities`, async () => {
    const kinesis = kinesisClient(deployment.environment);
    const { StreamOfdepartures, StreamOfarrivals } = deployment.outputs;
    await put(
      departureSource,
      events.departures.map(({ row }) => row),
      {
        kinesis,
        streamName: StreamOfdepartures!,
      },
    );
    await put(
      arrivalSource,
      events.arrivals.map(({ row }) => row),
      { kinesis, streamName: StreamOfarrivals! },
    );
    kinesis.destroy();
    const sent = events.departures.length + events.arrivals.length;
    expect(sent).toBeGreaterThanOrEqual(RECORDS);

    const moment = await recountAtEnd();
    const entities = choose(allEntities(moment), ENTITIES);
    expect(new Set(entities.map(({ view }) => view)).size).toBe(6);
    const endMs = Date.now() + FOLDED_WITHIN_MS;
    for (;;) {
      // A reader of its own each time: it remembers which shards there are.
      const reader = createReader({ store: store(), clock: { now: () => range.endMs } });
      const read = await readEntities(reader, entities);
      const differences = verifyEntities(read, moment, range.endMs);
      if (differences.length === 0) {
        expect(countValues(read)).toBeGreaterThan(ENTITIES);
        return;
      }
      if (Date.now() > endMs) {
        expect(differences.slice(0, 10), server?.log().slice(-4_000)).toEqual([]);
      }
      await wait(2_000);
    }
  });

  it("answers over its URL: features of a route as the recount has them, and a prediction", async () => {
    const moment = await recountAtEnd();
    const [key, features] = [...moment.route_arrivals.features][0]!;
    const [origin, destination] = key.split("|");
    const read = await ask("/v1/features", { view: "route_arrivals", keys: { origin, destination } });
    expect(read.status, JSON.stringify(read.answer)).toBe(200);
    const text = JSON.stringify(read.answer);
    expect(text).toContain(`"delays_lifetime":${JSON.stringify(features.delays_lifetime)}`);

    const predicted = await ask("/v1/predict", {
      model: "delay",
      keys: { origin, destination },
      context: { hour: 7, weekday: 1, distance: 600 },
    });
    expect(predicted.status, JSON.stringify(predicted.answer)).toBe(200);
    expect(predicted.answer.score).toBeGreaterThan(0);
    expect(predicted.answer.score).toBeLessThan(1);
  });

  it("is fresh once heartbeats have been folded: the events alone are of 2001", async () => {
    const [key] = [...(await recountAtEnd()).route_arrivals.features.keys()];
    const [origin, destination] = key!.split("|");
    const endMs = Date.now() + FRESH_WITHIN_MS;
    for (;;) {
      const { answer } = await ask("/v1/features", { view: "route_arrivals", keys: { origin, destination } });
      const text = JSON.stringify(answer);
      if (text.includes('"status":"fresh"')) return;
      if (Date.now() > endMs) expect(text, server?.log().slice(-4_000)).toContain('"status":"fresh"');
      await wait(5_000);
    }
  });

  it("keeps every event in S3, and says where its place in the stream is not known", async () => {
    const objects = createS3ObjectStore({
      client: s3Client(deployment.environment),
      bucket: deployment.outputs.BucketName!,
    });
    for (const [source, rows] of [
      ["departures", events.departures],
      ["arrivals", events.arrivals],
    ] as const) {
      const wanted = new Set(rows.map(({ row }) => JSON.stringify(row)));
      const endMs = Date.now() + FOLDED_WITHIN_MS;
      let kept = new Set<string>();
      for (;;) {
        const keys = await objects.list(`history/${source}/`);
        kept = new Set();
        for (const key of keys) {
          const body = Buffer.from((await objects.get(key))!).toString("utf8");
          for (const line of body.split("\n").filter((each) => each !== "")) {
            const record = JSON.parse(line);
            expect(record).toMatchObject({ stamped_by: expect.stringMatching(/^(kinesis|firehose)$/) });
            kept.add(JSON.stringify(record.event));
          }
        }
        if (kept.size >= wanted.size || Date.now() > endMs) break;
        await wait(5_000);
      }
      expect(kept.size).toBe(wanted.size);
      for (const event of wanted) expect(kept).toContain(event);
    }
  });

  it("takes its data along when it is destroyed", async () => {
    const dynamo = dynamoClient(deployment.environment);
    const describeTable = () =>
      dynamo.send(new DescribeTableCommand({ TableName: deployment.outputs.TableName! }));
    await describeTable();
    await deployment.destroy();
    await expect(describeTable()).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });
});
