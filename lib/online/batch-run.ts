import { FreshetError } from "../define/error.ts";
import type { Source } from "../define/types.ts";
import type { ItemState } from "../engine/fold.ts";
import type { ViewPlan } from "../engine/plan.ts";
import type { ObjectStore } from "../engine/ports/object-store.ts";
import { addCounts, zeroCounts } from "../engine/state/image-header.ts";
import { advanceProgress } from "./advance-progress.ts";
import type { OpenBatchReport, ViewOutcomes } from "./batch-report.ts";
import { type BatchEntry, channelEntry, type DecodedBatch } from "./decode-batch.ts";
import { type EntityTask, entityTask, foldStored, foldWarm, mayBeAhead, verdicts } from "./entity-task.ts";
import { createEntryWriter, type EntryWriter } from "./entry-writer.ts";
import type { EntityGroups } from "./group-by-entity.ts";
import { entityItem, sameBytes } from "./items.ts";
import { moveProgress, refuseOtherRelease } from "./move-progress.ts";
import { hasFolded, readProgress, type ShardProgress } from "./progress.ts";
import { runConcurrently } from "./run-concurrently.ts";
import type { ShardWithAncestors } from "./shard-ancestors.ts";
import type { StateStore, StoredItem } from "./state-store.ts";
import { NEVER } from "./view-start.ts";
import type { WarmImages } from "./warm-images.ts";

/** How often an entity is folded again because its item moved or a write was in doubt, before the batch waits. */
const MAX_ROUNDS = 10;

const NO_VIEWS: ReadonlySet<string> = new Set();

/** What a batch is processed with. */
export interface BatchRunOptions {
  readonly source: Source;
  /** Plans of the source's views. */
  readonly plans: readonly ViewPlan[];
  readonly store: StateStore;
  readonly objects: ObjectStore;
  readonly processId: string;
  readonly aggregator: string;
  readonly images: WarmImages;
  readonly concurrency: number;
}

/** What there is to do. */
export interface BatchWork {
  readonly shard: ShardWithAncestors;
  readonly batch: DecodedBatch;
  /** The batch's events by view, but those from before a view's start. */
  readonly grouped: ReadonlyMap<string, EntityGroups>;
  /** Stored progress by view. */
  readonly progress: ReadonlyMap<string, ShardProgress>;
  /** The first record that a view folds of the shard. */
  readonly startOf: (viewId: string) => string;
  readonly report: OpenBatchReport;
}

/** One batch on its way through: fold, entries, states, progress, in this order. */
export class BatchRun {
  private readonly entries: EntryWriter;
  private readonly tasks: EntityTask[] = [];
  private readonly unkeyable: BatchEntry[] = [];
  /** How many records, in order, each view has finished. */
  private readonly finished = new Map<string, number>();
  /** Set once the store is known to be out of reach, so that not every entity waits for it in turn. */
  private outage: FreshetError | null = null;

  private readonly shard: ShardWithAncestors;
  private readonly batch: DecodedBatch;
  private readonly progress: ReadonlyMap<string, ShardProgress>;
  private readonly report: OpenBatchReport;

  constructor(
    private readonly options: BatchRunOptions,
    private readonly work: BatchWork,
  ) {
    this.shard = work.shard;
    this.batch = work.batch;
    this.progress = work.progress;
    this.report = work.report;
    this.entries = createEntryWriter(options.objects);
    for (const plan of options.plans) this.finished.set(plan.id, work.batch.records.length);
  }

  async run(): Promise<void> {
    for (const plan of this.options.plans) this.plan(plan);
    this.tasks.sort((left, right) => left.firstIndex - right.firstIndex);
    await this.foldAll();
    await this.writeEntries();
    await runConcurrently(this.tasks, this.options.concurrency, (task) => this.settle(task));
    for (const task of this.tasks) this.account(task);
    await Promise.all(this.options.plans.map((plan) => this.moveProgress(plan)));
    const finished = Math.min(this.batch.records.length, ...this.finished.values());
    this.report.failedSequenceNumber = this.batch.records[finished]?.sequenceNumber ?? null;
  }

  private plan(plan: ViewPlan): void {
    const { source, images } = this.options;
    const { writer } = this.shard;
    images.trustOnly(plan.id, writer, this.progress.get(plan.id));
    const grouped = this.work.grouped.get(plan.id)!;
    for (const group of grouped.groups()) this.tasks.push(entityTask(group));
    for (const { index, arrivalMs, reason, detail } of grouped.unkeyable) {
      const record = this.batch.records[index]!;
      const about = { source, shard: this.shard, record, arrivalMs, view: plan.id, reason, detail };
      this.unkeyable.push({ index, entry: channelEntry(about) });
    }
  }

  private async foldAll(): Promise<void> {
    const { images } = this.options;
    const { writer } = this.shard;
    const cold: EntityTask[] = [];
    for (const task of this.tasks) {
      const { plan, pk } = task.group;
      const warm = images.get(plan.id, writer, pk);
      if (warm === undefined) cold.push(task);
      else {
        this.report.warm++;
        this.attempt(task, () => foldWarm(task, writer, warm));
      }
    }
    await this.foldFromTable(cold);
    // A warm image may miss records that another process folded: a verdict that leaves no trace in the state, which
    // the write's condition would check, needs one that cannot.
    await this.foldFromTable(this.tasks.filter((task) => task.warm && this.verdicts(task).length > 0));
  }

  private async foldFromTable(tasks: readonly EntityTask[]): Promise<void> {
    if (tasks.length === 0) return;
    const keys = tasks.map((task) => task.group.pk);
    try {
      const items = await this.options.store.get(keys, { consistent: true, meter: this.report.capacity });
      const ahead = tasks.filter((task) => mayBeAhead(items.get(task.group.pk), this.shard));
      const closed = await this.closedViews(ahead);
      for (const task of tasks) {
        task.isClosed = closed.has(task.group.plan.id) && ahead.includes(task);
        if (!task.isClosed) {
          this.attempt(task, () => foldStored(task, this.shard.writer, items.get(task.group.pk)));
        }
      }
    } catch (error) {
      for (const task of tasks) this.fail(task, error);
    }
  }

  /** Folds from an item as it stands, unless a shard that came of this one went before: nothing may come behind (R1). */
  private async foldFrom(task: EntityTask, item: StoredItem | undefined): Promise<void> {
    const ahead = mayBeAhead(item, this.shard) ? [task] : [];
    task.isClosed = (await this.closedViews(ahead)).size > 0;
    if (!task.isClosed) foldStored(task, this.shard.writer, item);
  }

  /**
   * Of views that may have begun shards that came of this one, those that have closed it since the batch began.
   *
   * @throws FreshetError `STORE_UNAVAILABLE` where another release has taken it over: this one's invocation is late
   */
  private async closedViews(tasks: readonly EntityTask[]): Promise<ReadonlySet<string>> {
    if (tasks.length === 0) return NO_VIEWS;
    const { store, aggregator } = this.options;
    const { writer } = this.shard;
    const viewIds = [...new Set(tasks.map((task) => task.group.plan.id))];
    const progress = await readProgress(store, viewIds, writer, this.report.capacity);
    for (const viewId of viewIds) {
      const [before, now] = [this.progress.get(viewId), progress.get(viewId)];
      refuseOtherRelease({ viewId, writer, aggregator, before }, now);
    }
    return new Set(viewIds.filter((id) => progress.get(id)?.fromSequenceNumber === NEVER));
  }

  /** Entries go out before any state that counts them, so that a crash between the two loses neither (R12). */
  private async writeEntries(): Promise<void> {
    const { rejected } = this.batch;
    const ofTasks = new Map(this.tasks.map((task) => [task, this.verdicts(task)]));
    const failed = await this.entries.write([
      ...rejected,
      ...this.unkeyable,
      ...[...ofTasks.values()].flat(),
    ]);
    for (const [task, entries] of ofTasks) {
      const lost = entries.find((entry) => failed.has(entry));
      if (lost !== undefined) this.fail(task, failed.get(lost));
    }
    for (const [{ index, entry }, error] of failed) {
      this.noteFailure(error);
      for (const plan of this.options.plans) {
        if (entry.view === null || entry.view === plan.id) this.unfinishedFrom(plan.id, index);
      }
    }
    for (const { id } of this.options.plans) {
      const own = this.unkeyable.filter((entry) => entry.entry.view === id);
      this.outcomes(id).quarantined += [...rejected, ...own].filter((entry) => !failed.has(entry)).length;
    }
  }

  /** Writes an entity's state, folding again from the item that stands there as often as the condition fails (R2). */
  private async settle(task: EntityTask): Promise<void> {
    if (task.failure === null && this.outage !== null) this.fail(task, this.outage);
    if (task.failure !== null) return;
    try {
      for (let round = 0; round < MAX_ROUNDS; round++) {
        if (task.isClosed || (await this.writeOnce(task))) return;
        const failed = await this.entries.write(this.verdicts(task));
        for (const error of failed.values()) throw error;
      }
    } catch (error) {
      if (error instanceof FreshetError && error.code === "STORE_UNAVAILABLE") this.outage = error;
      this.fail(task, error);
      return;
    }
    const message = `item ${task.group.pk} was changed by others, or its write was in doubt, ${MAX_ROUNDS} times over.`;
    this.fail(task, new FreshetError("STORE_UNAVAILABLE", message));
  }

  /** True once the item holds the entity's events; false after folding again from what the item holds now. */
  private async writeOnce(task: EntityTask): Promise<boolean> {
    const { store, images } = this.options;
    const { plan, key, pk } = task.group;
    const { writer } = this.shard;
    const meter = this.report.capacity;
    const { item: state, changed, timeToLiveMs } = task.fold!;
    if (changed) {
      const item = entityItem(pk, key, state!, timeToLiveMs);
      const expected = task.stored === undefined ? null : { position: task.stored.position };
      const outcome = await store.put(item, { expected, meter });
      if (outcome.status === "conflict") {
        await this.foldFrom(task, outcome.item);
        return false;
      }
      if (outcome.status === "unknown") {
        const current = (await store.get([pk], { consistent: true, meter })).get(pk);
        if (current === undefined || !holdsState(current, state!)) {
          await this.foldFrom(task, current);
          return false;
        }
      }
      this.report.writes++;
    }
    if (state !== undefined) images.set(plan.id, writer, pk, state);
    return true;
  }

  /** Adds a settled entity to its view's outcomes, or holds the view's progress before it. */
  private account({ group, firstIndex, fold, isClosed, failure }: EntityTask): void {
    const outcomes = this.outcomes(group.plan.id);
    if (failure === null && isClosed) {
      outcomes.beforeStart += group.to - group.from;
      return;
    }
    if (failure !== null || fold === null) {
      outcomes.unfinished += group.to - group.from;
      this.unfinishedFrom(group.plan.id, firstIndex);
      return;
    }
    for (const outcome of fold.outcomes) {
      if (outcome === "already-folded") outcomes.alreadyFolded++;
      else if (outcome === "item-full" || outcome === "function-threw") outcomes.quarantined++;
      else outcomes[outcome]++;
    }
    if (fold.cleared !== null) outcomes.cleared = addCounts(outcomes.cleared ?? zeroCounts(), fold.cleared);
  }

  private async moveProgress({ id }: ViewPlan): Promise<void> {
    const { source, store, images, aggregator, processId } = this.options;
    const { writer } = this.shard;
    const outcomes = this.outcomes(id);
    const before = this.progress.get(id);
    const show = (stands: ShardProgress | undefined) => {
      outcomes.progressArrivalMs = hasFolded(stands) ? stands.arrivalMs : null;
    };
    show(before);
    try {
      const after = (read: ShardProgress | undefined) =>
        advanceProgress(source, this.batch, this.finished.get(id)!, {
          before: read,
          processId,
          fromSequenceNumber: this.work.startOf(id),
        });
      const move = { viewId: id, writer, aggregator, before, after, images, meter: this.report.capacity };
      show(await moveProgress(store, move));
    } catch (error) {
      this.noteFailure(error);
      this.unfinishedFrom(id, 0);
    }
  }

  private verdicts(task: EntityTask): BatchEntry[] {
    if (task.failure !== null) return [];
    return verdicts(task, { source: this.options.source, shard: this.shard, records: this.batch.records });
  }

  private attempt(task: EntityTask, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.fail(task, error);
    }
  }

  private fail(task: EntityTask, error: unknown): void {
    task.failure = error;
    this.noteFailure(error);
  }

  private noteFailure(error: unknown): void {
    if (!this.report.failures.includes(error)) this.report.failures.push(error);
  }

  private unfinishedFrom(viewId: string, index: number): void {
    this.finished.set(viewId, Math.min(this.finished.get(viewId)!, index));
  }

  private outcomes(viewId: string): ViewOutcomes {
    return this.report.views[viewId]!;
  }
}

/**
 * Whether an item is what was written, byte for byte. Its position alone does not tell: an overlapping invocation moves it
 * to the same record, and may have begun from more than a warm image has.
 */
function holdsState({ position, image }: StoredItem, state: ItemState): boolean {
  return (
    position instanceof Uint8Array &&
    image instanceof Uint8Array &&
    sameBytes(position, state.position) &&
    sameBytes(image, state.image)
  );
}
