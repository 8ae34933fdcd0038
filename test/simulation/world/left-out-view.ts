import type { KinesisStreamBatchResponse, KinesisStreamEvent } from "aws-lambda";
import { shardIdOf } from "../../../functions/aggregate/kinesis-event.ts";
import type { ViewPlan } from "../../../lib/engine/plan.ts";
import { NOTHING_FOLDED, progressKey } from "../../../lib/online/progress.ts";
import { NEVER, startKey } from "../../../lib/online/view-start.ts";
import {
  type ExecutionEnvironment,
  type Invocation,
  invocationOf,
} from "../platform/execution-environment.ts";
import type { Losses } from "../platform/losses.ts";
import { isAtOrBelow, type LoggedRecord, type LoggedShard, type RecordLog } from "../platform/record-log.ts";
import type { TableCall } from "../platform/table.ts";
import { type Release, viewLeftOut } from "./releases.ts";

/**
 * What the view lacks that the last release but one leaves out, by the world's own account: the records that this release
 * finished and none before had folded, unless the last is given them in order after all.
 */
export class LeftOutView {
  /** By writer, the highest record that releases before it was left out finished, whatever progress tells of a batch's last. */
  private readonly finishedBefore = new Map<string, string>();
  /** By writer of a shard of which that is recorded, where the view begins it. */
  private readonly starts = new Map<string, string>();
  /** By release that has it again and writer, the highest record that was given. */
  private readonly given = new Map<string, string>();
  /** By writer, events that releases which have it again were given in order, whether or not one without it had finished them. */
  private readonly givenInOrder = new Map<string, LoggedRecord[]>();

  private constructor(
    readonly plan: ViewPlan,
    private readonly options: {
      readonly releases: readonly Release[];
      readonly log: Pick<RecordLog, "shards" | "byNumber">;
      readonly losses: () => Losses;
      /** The batch of an invocation, by its id. */
      readonly batchOf: (
        id: string,
      ) => { readonly writer: string; readonly records: readonly string[] } | undefined;
      /** How far the stored progress of an item goes. */
      readonly reached: (pk: string) => string | undefined;
    },
  ) {}

  /** Null in a world where no view is left out. */
  static of(plans: readonly ViewPlan[], options: LeftOutView["options"]): LeftOutView | null {
    const view = viewLeftOut(options.releases);
    const plan = plans.find((each) => each.view === view);
    return plan === undefined ? null : new LeftOutView(plan, options);
  }

  /** Whether a release leaves it out. */
  isOutOf(release: number): boolean {
    const { isOf, definitions } = this.options.releases[release] ?? {};
    return isOf === "view-left-out" && !Object.values(definitions!).includes(this.plan.view);
  }

  /** Whether a release is from before it was left out for the first time. */
  private isBefore(release: number): boolean {
    return release < this.options.releases.findIndex((_, index) => this.isOutOf(index));
  }

  /** The mapping is told by a release what became of a batch. */
  finished(
    release: number,
    { Records }: KinesisStreamEvent,
    { batchItemFailures }: KinesisStreamBatchResponse,
  ): void {
    const shard = this.shardOf(Records);
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    const numbers = Records.map(({ kinesis }) => kinesis.sequenceNumber);
    const end = numbers.findIndex((sequenceNumber) => failed.has(sequenceNumber));
    const finished = numbers.slice(0, end < 0 ? numbers.length : end);
    if (this.isOutOf(release)) this.lacks(shard, finished);
    else if (release < this.options.releases.length - 1) this.finishedBy(shard, finished);
  }

  private finishedBy({ writer }: LoggedShard, sequenceNumbers: readonly string[]): void {
    const last = sequenceNumbers.at(-1);
    const before = this.finishedBefore.get(writer);
    if (last === undefined || (before !== undefined && isAtOrBelow(last, before))) return;
    this.finishedBefore.set(writer, last);
  }

  private lacks(shard: LoggedShard, sequenceNumbers: readonly string[]): void {
    const { losses, reached } = this.options;
    const { writer, ancestors } = shard;
    const through = [reached(progressKey(this.plan.id, writer)), this.finishedBefore.get(writer)];
    const lacked = sequenceNumbers
      .filter((sequenceNumber) =>
        through.every((each) => each === undefined || !isAtOrBelow(sequenceNumber, each)),
      )
      .map((sequenceNumber) => this.recordOf(shard, sequenceNumber))
      .filter(({ decoded }) => decoded.kind === "event");
    const from = this.starts.get(writer);
    const isOfLifetime = ({ sequenceNumber }: LoggedRecord) =>
      from === undefined ? this.hasBegunOneOf(ancestors) : isAtOrBelow(from, sequenceNumber);
    for (const record of lacked) losses().leftOut(this.plan, [record], isOfLifetime(record));
  }

  /** A process is given a batch. What the last release is given in order it folds, as if the view had never been left out. */
  begins({ options: { release } }: ExecutionEnvironment, { event: { Records } }: Invocation): void {
    if (this.isOutOf(release) || this.isBefore(release)) return;
    const { log, losses } = this.options;
    const shard = this.shardOf(Records);
    const { writer } = shard;
    const heirs = [...log.shards.values()].filter(({ ancestors }) => ancestors.includes(writer));
    // As it was given what came of the shard, the shard was closed to it, by whichever release.
    const isOver = this.options.releases.some((_, other) =>
      heirs.some((heir) => this.given.has(`${other} ${heir.writer}`)),
    );
    for (const { kinesis } of Records) {
      const { sequenceNumber } = kinesis;
      const highest = this.given.get(`${release} ${writer}`);
      if (highest !== undefined && isAtOrBelow(sequenceNumber, highest)) continue;
      this.given.set(`${release} ${writer}`, sequenceNumber);
      const record = this.recordOf(shard, sequenceNumber);
      const from = this.starts.get(writer);
      const isBeforeStart = from !== undefined && !isAtOrBelow(from, sequenceNumber);
      if (isOver || isBeforeStart || this.isBehindEarlier(release, record)) continue;
      losses().givenAfterAll(this.plan, record);
      if (record.decoded.kind !== "event") continue;
      this.givenInOrder.set(writer, [...(this.givenInOrder.get(writer) ?? []), record]);
    }
  }

  /**
   * The view begins a shard; or an invocation of a release from before it was left out goes on, and folds for it what the
   * next one finished.
   */
  call({ name, caller, site, writes, applied }: TableCall): void {
    const { releases, losses, batchOf, log } = this.options;
    if (site === "write-start" && applied && writes!.from!.S !== NEVER) {
      const pk = writes!.pk!.S;
      const shard = [...log.shards.values()].find((each) => pk === startKey(this.plan.id, each.writer));
      if (shard !== undefined) this.beginsAt(shard, writes!.from!.S!);
      return;
    }
    const release = (caller as Partial<ExecutionEnvironment>).options?.release ?? releases.length;
    if (site !== "write-progress" || !applied || !this.isBefore(release)) return;
    const { writer, records } = batchOf(invocationOf(name))!;
    const through = writes!.sequence!.S!;
    // Progress that was beyond its batch already it leaves where it is.
    const isOwn = isAtOrBelow(through, records.at(-1)!);
    if (isOwn && writes!.pk!.S === progressKey(this.plan.id, writer)) {
      losses().foldedAfterAll(this.plan, writer, {
        from: this.starts.get(writer) ?? NOTHING_FOLDED,
        through,
      });
    }
  }

  /** A release that had it again earlier may have folded what followed a record: then nobody folds that any more. */
  private isBehindEarlier(release: number, { writer, sequenceNumber }: LoggedRecord): boolean {
    return this.options.releases.some((_, other) => {
      const highest = other === release ? undefined : this.given.get(`${other} ${writer}`);
      return highest !== undefined && isAtOrBelow(sequenceNumber, highest);
    });
  }

  /** It begins a shard behind what others have finished of a batch that it is given: it lacks that still. */
  private beginsAt(shard: LoggedShard, from: string): void {
    this.starts.set(shard.writer, from);
    const given = this.givenInOrder.get(shard.writer) ?? [];
    const passedOver = given.filter(({ sequenceNumber }) => !isAtOrBelow(from, sequenceNumber));
    this.options.losses().leftOut(this.plan, passedOver, this.hasBegunOneOf(shard.ancestors));
    this.options.losses().begun(this.plan, shard.writer, from);
  }

  private hasBegunOneOf(writers: readonly string[]): boolean {
    return writers.some((each) => this.starts.has(each));
  }

  private shardOf([first]: KinesisStreamEvent["Records"]): LoggedShard {
    return this.options.log.shards.get(shardIdOf(first!))!;
  }

  private recordOf({ writer }: LoggedShard, sequenceNumber: string): LoggedRecord {
    return this.options.log.byNumber.get(`${writer} ${sequenceNumber}`)!;
  }
}
