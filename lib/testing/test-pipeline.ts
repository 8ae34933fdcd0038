import { AsyncLocalStorage } from "node:async_hooks";
import type { InferApp } from "../../functions/infer/create-infer-app.ts";
import { client } from "../client/api/client.ts";
import type { Row } from "../client/put/encode-events.ts";
import { parseDuration } from "../define/duration.ts";
import type { FreshetError } from "../define/error.ts";
import type { Source, View } from "../define/types.ts";
import type { Scalar } from "../define/where.ts";
import { type Channel, readChannel } from "../online/channels.ts";
import { countOutcomes } from "../online/counts.ts";
import { createReader } from "../online/reader.ts";
import { type SetAsideRecord, setAsideRecord } from "./answers.ts";
import { FakeTime } from "./fake-time.ts";
import { FaultInjector } from "./faults/fault-injector.ts";
import { tableOfReader } from "./faults/faulty-table.ts";
import { createHeartbeatSchedule } from "./heartbeat-schedule.ts";
import { historyOf } from "./history.ts";
import { asDynamoDBClient, asKinesisClient } from "./models/clients.ts";
import { Passage, settled } from "./passage.ts";
import type { TestPipeline } from "./pipeline.ts";
import { AT_ONCE_READING, startPlatform, TABLE } from "./platform.ts";
import { startTestApi } from "./test-api.ts";
import type { TestPipelineOptions } from "./test-pipeline-options.ts";
import { testSettings } from "./test-settings.ts";
import { keyValues, testSubjects } from "./test-subjects.ts";

/**
 * Runs a whole pipeline for a test: the functions that would be deployed over an in-memory Kinesis and DynamoDB, the
 * event source mapping, the reader and the API, without a socket, on time that only the test moves.
 *
 * @throws FreshetError `DEFINITION_INVALID`, `OPTION_INVALID`
 * @example
 * ```ts
 * const pipeline = await testPipeline({ definitions });
 * await pipeline.put(payments, [{ id: "p1", card: "c1", amount: 20, at: pipeline.time() }]);
 * const { features, status } = await pipeline.read(card, { card: "c1" });
 * expect(features.spend_5m).toBe(20);
 * await pipeline.advance("10m");
 * expect((await pipeline.read(card, { card: "c1" })).features.spend_5m).toBeNull();
 * ```
 */
export async function testPipeline(options: TestPipelineOptions): Promise<TestPipeline> {
  const settings = testSettings(options);
  const { definitions, plans, beginMs, startMs, batchingWindowMs } = settings;
  const module = options.definitions;
  const time = new FakeTime(beginMs);
  const faults = new FaultInjector(time);
  const platform = await startPlatform({ ...settings, module, time, faults });
  const { streams, tableModel, folding, objects } = platform;
  const { streamOf, planOf } = testSubjects(streams, plans);
  const schedules = [...streams.values()].flatMap(({ source, producer, mapping }) => {
    const slas = definitions.views
      .filter((view) => view.source.name === source.name)
      .map(({ slaMs }) => slaMs);
    if (!settings.heartbeats || slas.length === 0) return [];
    return createHeartbeatSchedule({
      firstMs: time.now(),
      slaMs: Math.min(...slas),
      retentionMs: source.retentionMs,
      async send(sentAtMs) {
        await producer.beat(sentAtMs);
        mapping.wake();
      },
    });
  });
  const passage = new Passage(time, schedules, batchingWindowMs);
  const reader = createReader({ store: platform.store, clock: time, ...AT_ONCE_READING });
  // The first is never left out: a view warms from what it folded first.
  for (const schedule of schedules) await schedule.beat();
  await passage.passTo(startMs);

  const setAside = async (channel: Channel, source: Source | undefined) => {
    const records: SetAsideRecord[] = [];
    const only = source === undefined ? {} : { source: streamOf(source).source.name };
    for await (const entry of readChannel(objects, channel, only)) records.push(setAsideRecord(entry));
    return records;
  };

  let starting: Promise<InferApp> | null = null;
  // Of each request its own: several may be under way.
  const unscored = new AsyncLocalStorage<{ error: FreshetError | null }>();
  const api = () => {
    starting ??= startTestApi({
      module,
      definitions,
      clock: time,
      table: tableOfReader(tableModel, faults),
      scores: options.scores ?? {},
      modelsFolder: options.modelsFolder,
      onPrediction: options.onPrediction,
      onUnscored: (error) => {
        unscored.getStore()!.error = error;
      },
    });
    return starting;
  };
  const fetch: TestPipeline["fetch"] = async (input, init) => {
    const { app } = await api();
    const asked = { error: null };
    const request = () => app.request(input instanceof URL ? input.href : input, init);
    const response = await unscored.run(asked, request);
    // The API would answer that the model failed, and not what the test lacks.
    if (asked.error !== null) throw asked.error;
    return response;
  };

  return {
    clock: { now: () => time.now() },
    time(before) {
      const beforeMs = before === undefined ? 0 : parseDuration(before, "time, before");
      return new Date(time.now() - beforeMs).toISOString();
    },
    async advance(by) {
      await passage.passTo(time.now() + parseDuration(by, "advance"));
      for (const pk of tableModel.expiredKeys(TABLE)) tableModel.deleteExpired(TABLE, pk);
    },
    async put(source, events) {
      const stream = streamOf(source);
      await stream.producer.put(events as readonly Row[]);
      stream.mapping.wake();
      await settled();
    },
    async putRecords(source, records) {
      const stream = streamOf(source);
      await stream.producer.putRecords(
        records.map(({ data, ...rest }) => ({
          ...rest,
          data: typeof data === "string" ? Buffer.from(data) : data,
        })),
      );
      stream.mapping.wake();
      await settled();
    },
    async drain() {
      const drained = Promise.all([...streams.values()].map(({ mapping }) => mapping.drained()));
      await passage.passUntil(drained, "handling what was put");
    },
    async read(view: View, key: Readonly<Record<string, Scalar>> = {}) {
      const plan = planOf(view);
      const values = keyValues(view, key);
      const [reading] = await reader.read([{ plan, key: values }]);
      const { values: features, key: _, ...rest } = reading!;
      return { ...rest, key, features } as never;
    },
    fetch,
    client: (service, { model } = {}) =>
      client(service, {
        url: "http://pipeline.test",
        attempts: 1,
        fetch: fetch as typeof globalThis.fetch,
        ...(model === undefined ? {} : { model }),
      }),
    inject: (fault) => faults.inject(fault),
    get pendingFaults() {
      return faults.waiting;
    },
    pauseDelivery: () => folding.pause(),
    async resumeDelivery() {
      folding.resume();
      await settled();
    },
    quarantined: (source) => setAside("quarantine", source),
    late: (source) => setAside("late", source),
    async counts(view) {
      const plan = planOf(view);
      const counted = await countOutcomes({ store: platform.surely, objects, plans: [plan] });
      const { lateEntries: _, ...counts } = counted.get(plan.id)!;
      const puts = platform.putTo(streamOf(view.source).source.name);
      return { put: puts.filter(({ isHeartbeat }) => !isHeartbeat).length, ...counts };
    },
    async history(source, { format = "parquet" } = {}) {
      const { source: own } = streamOf(source);
      return historyOf({ module, source: own, format, puts: platform.putTo(own.name) });
    },
    batches: platform.batches,
    losses: platform.losses,
    kinesis: asKinesisClient(async (command) => {
      const answer = await platform.stream(command);
      for (const { mapping } of streams.values()) mapping.wake();
      await settled();
      return answer;
    }),
    dynamo: asDynamoDBClient(tableModel.send),
    table: TABLE,
    async close() {
      folding.resume();
      const stopped = Promise.all([...streams.values()].map(({ mapping }) => mapping.stop()));
      await passage.passUntil(stopped, "stopping");
      await starting?.then(
        ({ close }) => close(),
        // That it did not start was told to whoever asked.
        () => {},
      );
    },
  };
}
