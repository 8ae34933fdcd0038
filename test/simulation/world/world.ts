import { createHash, type Hash } from "node:crypto";
import {
  type AttributeValue,
  CreateTableCommand,
  GetItemCommand,
  type GetItemCommandOutput,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  type DescribeStreamSummaryCommandOutput,
  PutRecordCommand,
  type PutRecordCommandOutput,
} from "@aws-sdk/client-kinesis";
import type { KinesisStreamBatchResponse, KinesisStreamEvent } from "aws-lambda";
import { createAggregateHandler } from "../../../functions/aggregate/handler.ts";
import type { ViewPlan } from "../../../lib/engine/plan.ts";
import { summarizeItem } from "../../../lib/engine/read.ts";
import type { ItemCounts } from "../../../lib/engine/state/image-header.ts";
import { viewIdOf } from "../../../lib/online/items.ts";
import { NOTHING_FOLDED, progressKey } from "../../../lib/online/progress.ts";
import { TABLE_SPEC } from "../../../lib/online/table.ts";
import type { Answer, Command } from "../../../lib/testing/models/answer.ts";
import { asDynamoDBClient, asKinesisClient } from "../../../lib/testing/models/clients.ts";
import { createStreamModel } from "../../../lib/testing/models/stream-model.ts";
import { createTableModel } from "../../../lib/testing/models/table-model.ts";
import { FaultInjector, firingId } from "../faults/injector.ts";
import { InvocationCosts } from "../invariants/invocation-costs.ts";
import type { Violation } from "../invariants/violation.ts";
import { NEWEST_RELEASE, readBy } from "../platform/codec-release.ts";
import type { ExecutionEnvironment } from "../platform/execution-environment.ts";
import { Lambda } from "../platform/lambda.ts";
import { Losses } from "../platform/losses.ts";
import { Mapping } from "../platform/mapping.ts";
import { Network } from "../platform/network.ts";
import { Bucket, objectsOf } from "../platform/objects.ts";
import { Readers } from "../platform/readers.ts";
import { isAtOrBelow, type LoggedRecord, RecordLog } from "../platform/record-log.ts";
import { STREAM, streamOf } from "../platform/stream.ts";
import { TABLE, type TablePlatform, tableOf } from "../platform/table.ts";
import { createRandom } from "../random.ts";
import { Scheduler } from "../scheduler.ts";
import { newVersion, viewsOf } from "./definitions.ts";
import { isSeen } from "./is-seen.ts";
import { LeftOutView } from "./left-out-view.ts";
import type { RecordPlan } from "./record-plan.ts";
import { type Release, releasesOf } from "./releases.ts";
import { ViewStarts } from "./view-starts.ts";
import { isRecordFault, type WorldPlan } from "./world-plan.ts";

/** The share of invocations that a read is made beside. */
const READS_BESIDE = 0.2;

/** A smaller run of a world: what shrinking leaves of it. */
export interface Schedule {
  /** Records that are put, by their place in the plan; absent: all. */
  readonly records?: ReadonlySet<number>;
  /** Faults that happen; absent: those that the seed draws. */
  readonly firings?: ReadonlySet<string>;
  /** Every call takes the same time. */
  readonly isSteady?: boolean;
  /** No reads on the way. */
  readonly isUnread?: boolean;
}

/** A world while it runs: the platform around the code under test, and what must come of it. */
export class World {
  readonly scheduler: Scheduler;
  readonly faults: FaultInjector;
  readonly log: RecordLog;
  readonly lambda: Lambda;
  readonly mapping: Mapping;
  readonly losses: Losses;
  readonly readers: Readers;
  readonly bucket = new Bucket();
  readonly violations: Violation[] = [];
  /** Of all that was put and all that was answered. */
  readonly digest: Hash = createHash("sha256");
  /** Where crashes hit, and how often. */
  readonly crashSites = new Map<string, number>();
  /** Items that TTL deleted and nothing made again: their last positions. */
  readonly deleted = new Map<string, Uint8Array>();
  /** What they counted. */
  readonly deletedCounts = new Map<string, ItemCounts>();
  /** The last of each error that the function logged. */
  readonly logged = new Map<string, string>();
  readonly table: TablePlatform;
  readonly releases: readonly Release[];
  /** Of all views that the world has at its end. */
  readonly plans: readonly ViewPlan[];
  private readonly stream;
  private readonly network: Network;
  private readonly costs: InvocationCosts;
  private readonly starts: ViewStarts;
  private readonly leftOut: LeftOutView | null;

  constructor(
    readonly plan: WorldPlan,
    readonly schedule: Schedule = {},
  ) {
    const { seed, rates, startMs } = plan;
    const { firings } = schedule;
    const views = viewsOf({
      pair: plan.hasPair,
      notes: rates["item-near-bound"] !== undefined,
      newVersion: rates["new-view-version"] !== undefined,
    });
    this.plans = views.plans;
    this.scheduler = new Scheduler(startMs - 60_000);
    const { scheduler } = this;
    this.faults = new FaultInjector({ seed, rates, ...(firings === undefined ? {} : { only: firings }) });
    const { faults } = this;
    this.network = new Network({ seed, scheduler, faults, isSteady: schedule.isSteady ?? false });
    const network = this.network;
    const table = createTableModel({
      clock: scheduler,
      versionsBehind: ({ pk, supersededMs }) => {
        const random = createRandom(seed, "stale", pk, scheduler.now());
        const behind = random.below(Math.min(3, supersededMs.length) + 1);
        if (behind > 0) faults.saw("stale-read");
        return behind;
      },
    });
    this.table = {
      seed,
      scheduler,
      faults,
      network,
      model: table,
      isOut: false,
      onWrite: (caller, item) => this.costs.write(caller, item),
      onCall: (call) => {
        this.costs.call(call);
        this.starts.call(call);
        this.leftOut?.call(call);
      },
    };
    const stream = createStreamModel({
      clock: scheduler,
      childNumbers: faults.fires("low-child-sequence-numbers", "world") ? "below-parents" : "above-parents",
      closedShardEnds: createRandom(seed, "ends").pick(["with-last-records", "after-last-records"]),
    });
    this.stream = { faults, network, model: stream };
    mustApply(
      table.apply(
        new CreateTableCommand({
          TableName: TABLE,
          BillingMode: "PAY_PER_REQUEST",
          AttributeDefinitions: [{ AttributeName: TABLE_SPEC.partitionKey, AttributeType: "S" }],
          KeySchema: [{ AttributeName: TABLE_SPEC.partitionKey, KeyType: "HASH" }],
        }),
      ),
    );
    mustApply(
      table.apply(
        new UpdateTimeToLiveCommand({
          TableName: TABLE,
          TimeToLiveSpecification: { AttributeName: TABLE_SPEC.timeToLiveAttribute, Enabled: true },
        }),
      ),
    );
    mustApply(stream.apply(new CreateStreamCommand({ StreamName: STREAM, ShardCount: plan.shards })));
    const described = this.onStream<DescribeStreamSummaryCommandOutput>(
      new DescribeStreamSummaryCommand({ StreamName: STREAM }),
    ).StreamDescriptionSummary!;
    this.log = new RecordLog({
      model: stream,
      streamArn: described.StreamARN!,
      createdMs: described.StreamCreationTimestamp!.getTime(),
      plans: this.plans,
      begins: this.begins,
      report: this.report,
    });
    this.starts = new ViewStarts({
      log: () => this.log,
      batchOf: (id) => this.costs.batch(id),
      reached: (writer) => this.reached(writer),
      onBegin: () => this.log.refold(newVersion),
      report: this.report,
    });
    this.costs = new InvocationCosts(this.log, this.report, (process) => {
      const { release } = (process as ExecutionEnvironment).options;
      return this.plansOf([this.releases[release]!])
        .map(({ id }) => id)
        .sort();
    });
    this.releases = releasesOf(plan, views);
    this.leftOut = LeftOutView.of(this.plans, {
      releases: this.releases,
      log: this.log,
      losses: () => this.losses,
      batchOf: (id) => this.costs.batch(id),
      reached: (pk) => this.stored(pk)?.sequence?.S,
    });
    this.lambda = new Lambda({
      seed,
      scheduler,
      faults,
      timeoutMs: plan.timeoutMs,
      processes: plan.processes,
      start: (environment) => this.startProcess(environment),
      onCrash: (_, site, moment) => {
        const key = `${site}/${moment}`;
        this.crashSites.set(key, (this.crashSites.get(key) ?? 0) + 1);
      },
      onBegin: (environment, invocation) => {
        this.costs.begin(invocation);
        this.leftOut?.begins(environment, invocation);
        this.readBeside(invocation.id);
      },
      isHasty: (release) => this.isRolledBackInHaste(release),
      isDrawnOut: (release) => this.isRolledBackInHaste(release - 1) && !this.faults.isCalm,
      onTimeout: (environment) => this.rollBackInHaste(environment),
      onEnd: (environment, invocation, { batchItemFailures }) => {
        const isFinished = batchItemFailures.length === 0;
        const views = Object.values(this.releases[environment.options.release]!.definitions);
        this.costs.end(environment, invocation, { isFinished, views });
        if (isFinished && views.includes(newVersion.view)) this.starts.finished(invocation.id);
      },
    });
    this.losses = new Losses({
      seed,
      scheduler,
      faults,
      table: this.table,
      stream: this.stream,
      bucket: this.bucket,
      log: this.log,
      starts: this.starts,
      begins: this.begins,
      lambda: this.lambda,
      mapping: () => this.mapping,
      plans: () => this.deployedPlans(),
      begunPlans: () => this.plansOf(this.releases.slice(0, this.lambda.release + 1)),
      // Whatever the functions are rolled back to, an operator reads every version.
      codec: () => ({ reads: true, writes: this.releases[this.lambda.release]!.codec.writes }),
      report: this.report,
    });
    this.mapping = new Mapping({
      plan,
      scheduler,
      stream: this.stream,
      streamArn: described.StreamARN!,
      log: this.log,
      handler: this.handle,
      onDiscarded: this.losses.onDiscarded,
    });
    this.readers = new Readers({
      seed,
      scheduler,
      table: this.table,
      log: this.log,
      plans: () => this.deployedPlans(),
      release: () => NEWEST_RELEASE,
      losses: this.losses,
      leftOut: this.leftOut?.plan ?? null,
      begins: this.begins,
      deleted: this.deleted,
      digest: this.digest,
      report: this.report,
    });
  }

  readonly report = (invariant: string, what: string): void => {
    this.violations.push({ invariant, atMs: this.scheduler.now(), what });
  };

  /** A new version of a view folds a shard from some record on (R15), every other view folds all. */
  readonly begins = (plan: ViewPlan, writer: string, sequenceNumber: string): boolean =>
    plan !== newVersion || this.starts.begins(writer, sequenceNumber);

  /** How far the views' stored progress in a shard goes at the most. */
  private reached(writer: string): string {
    return this.plans
      .map(({ id }) => this.stored(progressKey(id, writer))?.sequence?.S ?? NOTHING_FOLDED)
      .reduce((highest, each) => (isAtOrBelow(each, highest) ? highest : each));
  }

  /** An item as it stands. */
  stored(pk: string): Readonly<Record<string, AttributeValue>> | undefined {
    const answer = this.table.model.apply(
      new GetItemCommand({ TableName: TABLE, Key: { pk: { S: pk } }, ConsistentRead: true }),
    );
    return (mustApply(answer) as GetItemCommandOutput).Item;
  }

  onStream<Output>(command: Command): Output {
    return mustApply(this.stream.model.apply(command)) as Output;
  }

  put(plan: RecordPlan): void {
    const record = this.putRaw(plan, plan);
    if (isRecordFault(plan.kind) && isSeen(plan.kind, record))
      this.faults.note(plan.kind, firingId(plan.kind, `record-${plan.index}`));
  }

  putRaw(
    record: { readonly data: Uint8Array; readonly partitionKey: string; readonly explicitHashKey?: string },
    plan: RecordPlan | null = null,
  ): LoggedRecord {
    const { data, partitionKey, explicitHashKey } = record;
    const { ShardId, SequenceNumber } = this.onStream<PutRecordCommandOutput>(
      new PutRecordCommand({
        StreamName: STREAM,
        Data: data,
        PartitionKey: partitionKey,
        ...(explicitHashKey === undefined ? {} : { ExplicitHashKey: explicitHashKey }),
      }),
    );
    this.digest.update(data);
    const { parents, records } = this.log.shards.get(ShardId!)!;
    const isBelow = (id: string) =>
      this.log.shards.get(id)!.records.some(({ sequenceNumber }) => isAbove(sequenceNumber, SequenceNumber!));
    if (records.length === 0 && parents.some(isBelow)) this.faults.saw("low-child-sequence-numbers");
    const logged = this.log.add({
      plan,
      data,
      partitionKey,
      shardId: ShardId!,
      sequenceNumber: SequenceNumber!,
      arrivalMs: this.scheduler.now(),
      isHeartbeat: plan === null || plan.kind === "heartbeat",
    });
    // Lambda polls once a second at least; now and then it comes at once.
    if (createRandom(this.plan.seed, "wake", SequenceNumber!).chance(0.3)) this.mapping.wake();
    return logged;
  }

  /** TTL deletes an item, as it may. */
  expire(pk: string): void {
    const item = this.stored(pk)!;
    this.table.model.deleteExpired(TABLE, pk);
    const viewId = viewIdOf(pk)!;
    const plan = this.plans.find(({ id }) => id === viewId)!;
    const { position, image } = readBy(NEWEST_RELEASE, item);
    this.deleted.set(pk, position!.B!);
    this.deletedCounts.set(pk, summarizeItem(plan, image!.B!).counts);
  }

  /** Gives all further batches to processes of the next release. */
  deploy(): void {
    this.lambda.deploy();
    const isLast = this.lambda.release === this.releases.length - 1;
    if (isLast && this.leftOut !== null) this.losses.returned(this.leftOut.plan);
  }

  /** Whether a release has the view that the next leaves out, and is not the last. */
  private isRolledBackInHaste(release: number): boolean {
    if (!this.faults.isEnabled("hasty-rollback") || this.leftOut === null) return false;
    return !this.leftOut.isOutOf(release) && this.leftOut.isOutOf(release + 1);
  }

  /** An invocation timed out: its release is rolled back, and deployed again while it may still go on. */
  private rollBackInHaste({ options: { release } }: ExecutionEnvironment): void {
    if (!this.isRolledBackInHaste(release) || this.lambda.release !== release) return;
    const random = createRandom(this.plan.seed, "hasty-rollback", release);
    const deployAfter = (ms: number, from: number) =>
      this.scheduler.after(ms, "hasty deployment", () => {
        if (this.lambda.release === from) this.deploy();
      });
    this.faults.saw("hasty-rollback");
    const backMs = random.between(0, 2_000);
    deployAfter(backMs, release);
    deployAfter(backMs + random.between(5_000, 3 * this.plan.timeoutMs), release + 1);
  }

  /** Hands a batch to the function. */
  private readonly handle = async (event: KinesisStreamEvent): Promise<KinesisStreamBatchResponse> => {
    const { release } = this.lambda;
    const response = await this.lambda.invoke(event);
    this.leftOut?.finished(release, event, response);
    return response;
  };

  /** Now and then a request comes while a batch is folded, where it is most in doubt what it will be answered. */
  private readBeside(invocation: string): void {
    const random = createRandom(this.plan.seed, "read-beside", invocation);
    if (this.schedule.isUnread === true || !random.chance(READS_BESIDE)) return;
    this.scheduler.after(
      random.between(0, 400),
      "read beside",
      () => void this.readers.read(`beside-${invocation}`),
    );
  }

  private deployedPlans(): readonly ViewPlan[] {
    return this.plansOf([this.releases[this.lambda.release]!]);
  }

  private plansOf(releases: readonly Release[]): readonly ViewPlan[] {
    const views = releases.flatMap(({ definitions }) => Object.values(definitions));
    return this.plans.filter(({ view }) => views.includes(view));
  }

  private startProcess(environment: ExecutionEnvironment): ExecutionEnvironment["handler"] {
    const { scheduler } = this;
    const { definitions, codec } = this.releases[environment.options.release]!;
    const random = createRandom(this.plan.seed, "jitter", environment.id);
    return createAggregateHandler({
      environment: { FRESHET_TABLE: TABLE, FRESHET_STREAMS: JSON.stringify({ payments: STREAM }) },
      definitions,
      clock: { now: () => scheduler.now() + environment.skewMs },
      objectStore: objectsOf(
        { network: this.network, faults: this.faults, bucket: this.bucket },
        environment,
      ),
      dynamo: asDynamoDBClient(tableOf(this.table, environment, () => codec)),
      kinesis: asKinesisClient(streamOf(this.stream, environment)),
      timing: {
        sleep: (ms) =>
          this.network.send<void>({ caller: environment, site: "back-off", apply: () => {}, takesMs: ms }),
        random: () => random.next(),
      },
      metrics: () => {},
      logger: {
        error: (message, { error }) => {
          this.logged.set(`${message}: ${error}`, String((error as { cause?: unknown }).cause ?? ""));
          this.checkLogged(error);
        },
      },
      processId: environment.id,
    });
  }

  /** Whatever the function logs is of an outside cause. */
  private checkLogged(error: unknown): void {
    const { code, name } = error as { readonly code?: string; readonly name?: string };
    const isOutside =
      code === "STORE_UNAVAILABLE" || code === "STREAM_UNAVAILABLE" || name === "TimeoutError";
    const isUnknownVersion = code === "IMAGE_VERSION_UNKNOWN" && this.faults.isEnabled("skipped-codec-step");
    if (!isOutside && !isUnknownVersion) {
      this.report(
        "errors-have-outside-causes",
        error instanceof Error ? (error.stack ?? error.message) : String(error),
      );
    }
  }
}

const isAbove = (left: string, right: string): boolean => !isAtOrBelow(left, right);

function mustApply(answer: Answer): object {
  if (!answer.ok) throw answer.error;
  return answer.output;
}
