import type { KinesisStreamEvent } from "aws-lambda";
import { foldEvents } from "../../../lib/engine/fold.ts";
import type { ViewPlan } from "../../../lib/engine/plan.ts";
import { decodePosition } from "../../../lib/engine/position.ts";
import type { InvocationRecord } from "../../../lib/local/poller/invocation-record.ts";
import { describeStream } from "../../../lib/online/describe-stream.ts";
import { createDynamoStateStore } from "../../../lib/online/dynamo-state-store.ts";
import { entityItem, sameBytes } from "../../../lib/online/items.ts";
import { createLossMarker } from "../../../lib/online/loss-marker.ts";
import { changeProgress } from "../../../lib/online/progress.ts";
import { createShardDirectory } from "../../../lib/online/shard-directory.ts";
import type { StateStore } from "../../../lib/online/state-store.ts";
import { startKey } from "../../../lib/online/view-start.ts";
import { createWriteLoop } from "../../../lib/online/write-loop.ts";
import { asDynamoDBClient, asKinesisClient } from "../../../lib/testing/models/clients.ts";
import { createMemoryStateStore } from "../../online/fixtures/memory-state-store.ts";
import type { FaultInjector } from "../faults/injector.ts";
import { type Begins, entriesIn, entriesOf } from "../invariants/entries-of.ts";
import type { Lacked } from "../invariants/freshness-is-honest.ts";
import type { Report } from "../invariants/violation.ts";
import { createRandom } from "../random.ts";
import type { Scheduler } from "../scheduler.ts";
import { newVersion, payments } from "../world/definitions.ts";
import type { ViewStarts } from "../world/view-starts.ts";
import type { CodecRelease } from "./codec-release.ts";
import type { Lambda } from "./lambda.ts";
import { type Loss, newLoss } from "./loss.ts";
import type { Mapping } from "./mapping.ts";
import type { Caller } from "./network.ts";
import type { Bucket } from "./objects.ts";
import { type ItemHistory, isAtOrBelow, type LoggedRecord, type RecordLog } from "./record-log.ts";
import { STREAM, type StreamPlatform, streamOf } from "./stream.ts";
import { TABLE, type TablePlatform, tableOf } from "./table.ts";

const MINUTE_MS = 60_000;
/** Writes that timed out have been carried out by then, or never are. */
const IN_FLIGHT_MS = 2 * MINUTE_MS;

export interface LossesOptions {
  readonly seed: number;
  readonly scheduler: Scheduler;
  readonly faults: FaultInjector;
  readonly table: TablePlatform;
  readonly stream: StreamPlatform;
  readonly bucket: Bucket;
  readonly log: RecordLog;
  readonly starts: ViewStarts;
  readonly begins: Begins;
  readonly lambda: Lambda;
  readonly mapping: () => Mapping;
  /** Of what is deployed. */
  readonly plans: () => readonly ViewPlan[];
  /** Of what was ever deployed. */
  readonly begunPlans: () => readonly ViewPlan[];
  readonly codec: () => CodecRelease;
  readonly report: Report;
}

/**
 * Batches that were lost for good, and what an operator does about them (R2): the on-failure message marks the shard's
 * views unknown, as the function does that takes it; later, with the mapping stopped and no invocation left, the entities of the lost records are rebuilt
 * from the log in sequence order, and the marks are taken off.
 */
export class Losses {
  private losses: Loss[] = [];
  /** What was rebuilt, and for which views: no release that is given it again leaves them out of it. */
  private readonly rebuilt: { readonly loss: Loss; readonly plans: readonly ViewPlan[] }[] = [];
  private readonly store: StateStore;
  private readonly newCaller: () => Caller;
  private readonly storeOf: (caller: Caller) => StateStore;
  private rebuilds = 0;
  /** Entries of verdicts that were reached without what was lost, and are none in order. */
  readonly overturned = new Set<string>();
  /** Whether a batch was ever lost. */
  private hasLostBatch = false;
  /** Whether a release ever left a view out of anything. */
  private hasLeftOut = false;
  /** Marks and rebuilds under way. */
  pending = 0;

  /** Whether a view ever lacked anything, the one that a release leaves out or another. */
  hasLost(isLeftOut: boolean): boolean {
    return this.hasLostBatch || (isLeftOut && this.hasLeftOut);
  }

  /** Whether anything was ever rebuilt. */
  get hasRebuilt(): boolean {
    return this.rebuilds > 0;
  }

  constructor(private readonly options: LossesOptions) {
    const { seed, scheduler, table } = options;
    let calls = 0;
    const random = createRandom(seed, "operator");
    const nextCall = (site: string) => `operator/${calls++}:${site}`;
    this.storeOf = (caller) =>
      createDynamoStateStore({
        client: asDynamoDBClient(tableOf(table, caller, options.codec)),
        table: TABLE,
        timing: { sleep: (ms) => scheduler.sleep(ms), random: () => random.next() },
      });
    this.newCaller = () => ({ isGone: false, nextCall });
    this.store = this.storeOf(this.newCaller());
  }

  /** The mapping discarded records, and tells its on-failure destination. */
  readonly onDiscarded = ({ KinesisBatchInfo: lost }: InvocationRecord, _: KinesisStreamEvent): void => {
    const { scheduler, log, faults } = this.options;
    faults.saw("lost-batch");
    this.hasLostBatch = true;
    const loss = newLoss({
      shard: log.shards.get(lost.shardId)!,
      first: lost.startSequenceNumber,
      last: lost.endSequenceNumber,
    });
    this.losses.push(loss);
    const random = createRandom(this.options.seed, "loss", lost.startSequenceNumber);
    void this.during(async () => {
      await scheduler.sleep(random.between(100, 5_000));
      await this.mark(loss);
      await scheduler.sleep(random.between(MINUTE_MS, 15 * MINUTE_MS));
      if (this.losses.includes(loss)) await this.options.mapping().pausedFor(() => this.rebuild());
    });
  };

  /**
   * A release that leaves a view out finished records of a shard. Nobody is told: the view warms again when it returns, or
   * is unknown, by itself.
   */
  leftOut(plan: ViewPlan, records: readonly LoggedRecord[], hasBegun: boolean): void {
    const isOfLifetime = hasBegun && plan.expiryMs === null;
    for (const { shardId, sequenceNumber } of records) {
      const shard = this.options.log.shards.get(shardId)!;
      if (this.isRebuilt(plan, shard.writer, sequenceNumber)) continue;
      this.options.faults.saw("view-left-out");
      this.hasLeftOut = true;
      const lost = { shard, first: sequenceNumber, last: sequenceNumber };
      this.losses.push(newLoss({ ...lost, leftOut: plan, isOfLifetime }));
    }
  }

  private isRebuilt(plan: ViewPlan, writer: string, sequenceNumber: string): boolean {
    return this.rebuilt.some(
      ({ loss: { leftOut, shard, first, last }, plans }) =>
        (leftOut ?? plan) === plan &&
        plans.includes(plan) &&
        shard.writer === writer &&
        isAtOrBelow(first, sequenceNumber) &&
        isAtOrBelow(sequenceNumber, last),
    );
  }

  /** A release that has the view again is given a record in order: as if it had never been left out. */
  givenAfterAll(plan: ViewPlan, { writer, sequenceNumber }: LoggedRecord): void {
    this.drop(
      (loss) => loss.leftOut === plan && loss.shard.writer === writer && loss.first === sequenceNumber,
    );
  }

  /** The view begins a shard with a record, though it lacks what follows. */
  begun(plan: ViewPlan, writer: string, from: string): void {
    for (const loss of this.losses) {
      if (loss.leftOut !== plan || loss.shard.writer !== writer || !isAtOrBelow(from, loss.first)) continue;
      loss.isOfLifetime = plan.expiryMs === null;
    }
  }

  /** An invocation from before the view was left out, that goes on, folded for it all from where it began through a record. */
  foldedAfterAll(
    plan: ViewPlan,
    writer: string,
    { from, through }: { readonly from: string; readonly through: string },
  ): void {
    this.drop(
      (loss) =>
        loss.leftOut === plan &&
        loss.shard.writer === writer &&
        isAtOrBelow(from, loss.first) &&
        isAtOrBelow(loss.last, through),
    );
  }

  private drop(isDropped: (loss: Loss) => boolean): void {
    this.losses = this.losses.filter((loss) => !isDropped(loss));
  }

  /** The view is deployed again: some time later its entities are rebuilt. */
  returned(plan: ViewPlan): void {
    const { seed, scheduler } = this.options;
    const random = createRandom(seed, "returned", plan.id);
    void this.during(async () => {
      await scheduler.sleep(random.between(MINUTE_MS, 90 * MINUTE_MS));
      await this.options.mapping().pausedFor(() => this.rebuild());
    });
  }

  /** What a view that was left out lacks of shards that hold a key's hash (null: of all), up to a time of arrival. */
  lackedBy({ id }: ViewPlan, hash: string | null, untilMs: number): Lacked | null {
    const arrivalOf = ({ shard, first }: Loss) =>
      this.options.log.byNumber.get(`${shard.writer} ${first}`)!.arrivalMs;
    const lacked = this.losses.filter((loss) => {
      const { start, end } = loss.shard.hashRange!;
      const isOfKey = hash === null || (hash >= start && hash <= end);
      // Rebuilt, and the marks are being taken off.
      if (loss.isClearing) return false;
      return loss.leftOut?.id === id && isOfKey && arrivalOf(loss) <= untilMs;
    });
    if (lacked.length === 0) return null;
    const isOfLifetime = lacked.some((loss) => loss.isOfLifetime);
    return { latestMs: Math.max(...lacked.map(arrivalOf)), isOfLifetime };
  }

  /** Whether an entity's events are among those lost, and not rebuilt. */
  isLost(history: readonly ItemHistory[]): boolean {
    return this.losses.some((loss) => this.concerns(loss, history));
  }

  /** Whether that was known to every reader at a time. */
  wasMarked(history: readonly ItemHistory[], readFromMs: number): boolean {
    return this.losses.some(
      (loss) =>
        this.isMarked(loss, readFromMs) &&
        history.every(({ plan }) => loss.marked.has(plan.id)) &&
        this.concerns(loss, history),
    );
  }

  /** Whether readers knew at a time that records of a view's shard were lost. */
  hasMarked({ id }: ViewPlan, readFromMs: number): boolean {
    return this.losses.some((loss) => this.isMarked(loss, readFromMs) && loss.marked.has(id));
  }

  private isMarked({ markedMs, isClearing }: Loss, readFromMs: number): boolean {
    return markedMs !== null && markedMs < readFromMs && !isClearing;
  }

  private concerns({ leftOut, shard, first, last }: Loss, history: readonly ItemHistory[]): boolean {
    return history.some(
      ({ plan, events }) =>
        (leftOut ?? plan) === plan &&
        events.some(
          ({ event, writer, outcome }) =>
            // What came before a view's start is none of its own.
            outcome !== "already-folded" &&
            writer === shard.writer &&
            isAtOrBelow(first, event.sequenceNumber) &&
            isAtOrBelow(event.sequenceNumber, last),
        ),
    );
  }

  private async during(work: () => Promise<void>): Promise<void> {
    this.pending++;
    try {
      await work();
    } catch (error) {
      this.options.report("nothing-throws", `the operator failed: ${(error as Error).stack ?? error}`);
    } finally {
      this.pending--;
    }
  }

  private async mark(loss: Loss): Promise<void> {
    const { plans, stream, scheduler: clock } = this.options;
    const { shardId } = loss.shard;
    const caller = this.newCaller();
    const store = this.storeOf(caller);
    const kinesis = asKinesisClient(streamOf(stream, caller));
    // A view that is deployed meanwhile is marked as well.
    while (plans().some(({ id }) => !loss.marked.has(id))) {
      const deployed = plans();
      const describe = () => describeStream(kinesis, STREAM);
      const directory = createShardDirectory({ describe, store, clock, plans: deployed });
      const mark = createLossMarker({ store, directory, plans: deployed });
      const lost = { source: payments, shardId };
      for (const id of await this.untilDone(() => mark(lost))) loss.marked.add(id);
    }
    loss.markedMs = this.options.scheduler.now();
  }

  /** An operator tries again what the table, or the stream, refuses. */
  private async untilDone<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        const { code } = error as { readonly code?: unknown };
        if (code !== "STORE_UNAVAILABLE" && code !== "STREAM_UNAVAILABLE") throw error;
        await this.options.scheduler.sleep(30_000);
      }
    }
  }

  private async rebuild(): Promise<undefined> {
    const { lambda, scheduler, log } = this.options;
    while (lambda.running > 0) await scheduler.sleep(5_000);
    await scheduler.sleep(IN_FLIGHT_MS);
    const known = this.losses.filter(({ leftOut, markedMs }) => leftOut !== null || markedMs !== null);
    if (known.length === 0) return;
    this.rebuilds++;
    const plans = this.options.begunPlans();
    log.refold(newVersion);
    const expected = entriesOf(log, plans, this.options.begins);
    for (const name of await entriesIn(this.options.bucket.store, plans)) {
      if (!expected.has(name)) this.overturned.add(name);
    }
    await this.rebuildEntries(plans);
    for (const history of log.items.values()) {
      if (!plans.includes(history.plan) || !known.some((loss) => this.concerns(loss, [history]))) continue;
      const concerning = known.filter(({ leftOut }) => (leftOut ?? history.plan) === history.plan);
      await this.untilDone(() => this.rebuildItem(history, concerning));
    }
    for (const loss of known) loss.isClearing = true;
    // A warm image of an item that was rebuilt is no longer its own, though the position is the same: progress of every
    // writer is taken over, so that no process takes it for what it wrote last.
    const unknown = this.losses.filter((loss) => !known.includes(loss)).map(({ shard }) => shard.writer);
    for (const { writer } of log.shards.values()) {
      for (const { id } of plans) {
        await this.untilDone(() => this.takeOver(id, writer, unknown.includes(writer)));
      }
    }
    this.rebuilt.push(...known.map((loss) => ({ loss, plans })));
    this.drop((loss) => known.includes(loss));
  }

  /** Lost records that no view, or not every view, can take get their entries. */
  private async rebuildEntries(plans: readonly ViewPlan[]): Promise<void> {
    const { log, bucket, starts } = this.options;
    const memory = createMemoryStateStore();
    for (const [writer, from] of starts.starts) {
      await memory.put({ pk: startKey(newVersion.id, writer), from }, { expected: null });
    }
    // What came after a loss was judged without what was lost: a late event may have been taken for none.
    for (const shard of log.shards.values()) {
      // A new version has no part in shards that were done with before it.
      const begun = plans.filter((plan) => plan !== newVersion || starts.has(shard.writer));
      const loop = createWriteLoop({
        source: payments,
        plans: begun,
        store: memory,
        objects: bucket.store,
        processId: "rebuild",
      });
      await loop.processBatch({
        shard,
        records: shard.records.map(({ data, partitionKey, sequenceNumber, arrivalMs }) => ({
          data,
          partitionKey,
          sequenceNumber,
          approximateArrivalMs: arrivalMs,
        })),
      });
    }
  }

  private async rebuildItem(history: ItemHistory, known: readonly Loss[]): Promise<void> {
    const { plan, pk, key } = history;
    for (;;) {
      const stored = (await this.store.get([pk], { consistent: true })).get(pk);
      const position = stored?.position as Uint8Array | undefined;
      const reached = new Map<string, string>();
      const reach = (writer: string, sequenceNumber: string) => {
        const before = reached.get(writer);
        if (before === undefined || isAtOrBelow(before, sequenceNumber)) reached.set(writer, sequenceNumber);
      };
      for (const entry of position === undefined ? [] : decodePosition(position)) {
        reach(entry.writer, entry.sequenceNumber);
      }
      for (const { shard, last } of known) reach(shard.writer, last);
      const newest = history.events.findLastIndex(({ event, writer }) => {
        const to = reached.get(writer);
        return to !== undefined && isAtOrBelow(event.sequenceNumber, to);
      });
      let fold: ReturnType<typeof foldEvents> | null = null;
      for (const { event, writer, outcome } of history.events.slice(0, newest + 1)) {
        // From before the view's start.
        if (outcome === "already-folded") continue;
        fold = foldEvents({ plan, writer, item: fold?.item, events: [event] });
      }
      const item = fold?.item;
      if (item === undefined) return;
      if (
        stored !== undefined &&
        sameBytes(item.image, stored.image as Uint8Array) &&
        sameBytes(item.position, position!)
      )
        return;
      const outcome = await this.store.put(entityItem(pk, key, item, fold!.timeToLiveMs), {
        expected: position === undefined ? null : { position },
      });
      if (outcome.status === "written") return;
    }
  }

  private async takeOver(viewId: string, writer: string, isUnknown: boolean): Promise<void> {
    const processId = `rebuild-${this.rebuilds}`;
    await changeProgress(this.store, { viewId, writer }, (read) =>
      read === undefined || read.processId === processId
        ? null
        : { ...read, processId, unknown: read.unknown && isUnknown },
    );
  }
}
