import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { KinesisStreamEvent } from "aws-lambda";
import { shardIdOf } from "../../../functions/aggregate/kinesis-event.ts";
import type { View } from "../../../lib/define/types.ts";
import { NOTHING_FOLDED, progressKey } from "../../../lib/online/progress.ts";
import { noteIn, releasedViewsKey } from "../../../lib/online/release-note.ts";
import {
  type ExecutionEnvironment,
  type Invocation,
  invocationOf,
} from "../platform/execution-environment.ts";
import type { Caller } from "../platform/network.ts";
import type { ItemHistory, RecordLog } from "../platform/record-log.ts";
import type { TableCall } from "../platform/table.ts";
import { newVersion } from "../world/definitions.ts";
import type { Report } from "./violation.ts";

type Item = Readonly<Record<string, AttributeValue>>;

const PROGRESS = progressKey("", "").slice(0, -1);

/**
 * That the shard is taken over, what a view lacks, that it warms, a mark that it inherits: how often progress is read for
 * these, and once more after.
 */
const AMENDMENTS = 8;

interface Entry {
  readonly writer: string;
  readonly records: readonly string[];
  /** The items that the batch has events of, with whether one of them may call for a verdict. */
  readonly items: ReadonlyMap<string, { readonly history: ItemHistory; readonly mayHaveVerdict: boolean }>;
  /** Progress items that were the last that this process tried to write. */
  readonly vouched: Set<string>;
  /** Progress items that another process moved meanwhile. */
  readonly doubted: Set<string>;
  /** Items of which a write was carried out, or failed its condition. */
  readonly attempted: Set<string>;
  readonly applied: Map<string, number>;
  /** It is the first of its release, or of a view: what progress says of views may be amended before it is folded. */
  mayAmend: boolean;
  /** By item, how often it was read and how often its write was sent. */
  readonly read: Map<string, number>;
  readonly sent: Map<string, number>;
}

/** What a process may believe of its warm images, by the rule of R2 alone. */
interface Memory {
  /** By progress item: process and sequence number of the progress it tried to write last. */
  readonly progress: Map<string, string>;
  /** By progress item: the items of batches that it finished since its images were last in doubt. */
  readonly warm: Map<string, Set<string>>;
}

/**
 * No invocation writes an item more than once, beside failed conditions (R2); none writes from a warm image that the
 * stored progress does not vouch for, and none reads an item whose warm image it vouches for. What is read is read once,
 * and once more for each write whose outcome was in doubt.
 */
export class InvocationCosts {
  private readonly entries = new Map<string, Entry>();
  private readonly memories = new WeakMap<object, Memory>();

  constructor(
    private readonly log: RecordLog,
    private readonly report: Report,
    /** The ids of the views that a process's release folds, sorted. */
    private readonly viewsOf: (process: Caller) => readonly string[],
  ) {}

  begin(invocation: Invocation): void {
    const { writer, records } = batchOf(this.log, invocation.event);
    const items = new Map<string, { history: ItemHistory; mayHaveVerdict: boolean }>();
    for (const sequenceNumber of records) {
      for (const { history, outcome } of this.log.byNumber.get(`${writer} ${sequenceNumber}`)!.events) {
        const known = items.get(history.pk);
        // An image that is vouched for may still lack records that another process folded: to it a repeat looks late.
        // Where a new version begins, and so what becomes of its events, is known in full at the end alone.
        const mayHaveVerdict =
          (known?.mayHaveVerdict ?? false) ||
          history.plan === newVersion ||
          (outcome !== "folded" && outcome !== "excluded");
        items.set(history.pk, { history, mayHaveVerdict });
      }
    }
    this.entries.set(invocation.id, {
      writer,
      records,
      items,
      vouched: new Set(),
      doubted: new Set(),
      mayAmend: false,
      attempted: new Set(),
      applied: new Map(),
      read: new Map(),
      sent: new Map(),
    });
  }

  /** What an invocation was given, by its id. */
  batch(id: string): { readonly writer: string; readonly records: readonly string[] } | undefined {
    return this.entries.get(id);
  }

  /** A handler answered, and finished its whole batch or not. */
  end(
    environment: ExecutionEnvironment,
    invocation: Invocation,
    { isFinished, views }: { readonly isFinished: boolean; readonly views: readonly View[] },
  ): void {
    const entry = this.entries.get(invocation.id)!;
    if (!isFinished) return;
    const memory = this.memoryOf(environment);
    for (const [pk, { history }] of entry.items) {
      if (!views.includes(history.plan.view)) continue;
      const scope = progressKey(history.plan.id, entry.writer);
      const warm = memory.warm.get(scope);
      // Records that come before a view's start touch nothing: of losses told in another order, the first told begins it.
      if (!entry.read.has(pk) && !entry.attempted.has(pk)) continue;
      if (entry.doubted.has(scope)) continue;
      if (warm === undefined) memory.warm.set(scope, new Set([pk]));
      else warm.add(pk);
    }
  }

  /** A process sends a write: what it believes of progress goes by that, whatever becomes of it. */
  write(process: Caller & { readonly invocation?: Invocation | null }, item: Item): void {
    const pk = item.pk!.S!;
    const entry = this.entries.get(process.invocation?.id ?? "");
    if (entry !== undefined) increase(entry.sent, pk);
    if (pk.startsWith(PROGRESS)) this.memoryOf(process).progress.set(pk, identityOf(item));
  }

  call({ name, caller, site, writes, reads, found, applied }: TableCall): void {
    const id = invocationOf(name);
    const entry = this.entries.get(id);
    if (entry === undefined) return;
    const memory = this.memoryOf(caller);
    if (
      reads.includes(releasedViewsKey(entry.writer)) &&
      !this.isHeld(caller, entry.writer, { reads, found })
    ) {
      entry.mayAmend = true;
    }
    if (site === "read-progress" && reads.some((pk) => isUnbegun(pk, found.get(pk)))) entry.mayAmend = true;
    for (const pk of reads) {
      // Control is read again for as long as its write is disputed.
      if (site === "read-control") break;
      const times = increase(entry.read, pk);
      const amended = entry.mayAmend && pk.startsWith("#") ? AMENDMENTS : 0;
      const once = 1 + amended + (entry.sent.get(pk) ?? 0);
      if (times <= once) continue;
      const most = once + (pk.startsWith(PROGRESS) ? this.behind(entry) : 0);
      if (times > most) {
        this.report("invocation-costs", `${name} read ${pk} for the ${times}th time; ${most} are allowed.`);
      }
    }
    if (site === "read-progress") {
      for (const pk of reads) {
        if (pk.startsWith(PROGRESS)) this.learnProgress(entry, memory, pk, found.get(pk));
      }
    } else if (site === "read-items" || site === "read-item-again") {
      for (const pk of reads) {
        const item = entry.items.get(pk);
        if (item === undefined) {
          this.report("invocation-costs", `${name} read ${pk}, of which its batch has no event.`);
          continue;
        }
        const scope = progressKey(item.history.plan.id, entry.writer);
        const isWarm = memory.warm.get(scope)?.has(pk) ?? false;
        const isFirst = entry.read.get(pk) === 1 && !entry.sent.has(pk);
        if (entry.vouched.has(scope) && isWarm && !item.mayHaveVerdict && isFirst) {
          this.report("invocation-costs", `${name} read ${pk}, whose image was warm and vouched for.`);
        }
      }
    } else if (site === "write-progress" && !applied) {
      const pk = writes!.pk!.S!;
      const stands = found.get(pk);
      if (stands === undefined || stands.process?.S === writes!.process!.S) return;
      // Another process moved it, and items too: no image is warm any more.
      memory.warm.delete(pk);
      entry.doubted.add(pk);
    } else if (site === "write-item") {
      const pk = writes!.pk!.S!;
      const item = entry.items.get(pk);
      if (item === undefined) {
        this.report("invocation-costs", `${name} wrote ${pk}, of which its batch has no event.`);
        return;
      }
      const scope = progressKey(item.history.plan.id, entry.writer);
      if (!entry.read.has(pk) && !entry.attempted.has(pk) && !entry.vouched.has(scope)) {
        this.report("invocation-costs", `${name} wrote ${pk} from an image that nothing vouched for.`);
      }
      entry.attempted.add(pk);
      if (!applied) return;
      const count = increase(entry.applied, pk);
      if (count > 1) this.report("invocation-costs", `${name} wrote ${pk} for the ${count}th time.`);
    }
  }

  /**
   * Of a shard that others came of, progress tells whether it is closed: for each item that may hold theirs, each time.
   * An entry of one that it came of itself, and that is listed no more, is not known from theirs.
   */
  private behind({ writer, items, sent }: Entry): number {
    const shards = [...this.log.shards.values()];
    const own = shards.find((shard) => shard.writer === writer)!;
    const hasHeirs = shards.some(({ ancestors }) => ancestors.includes(writer));
    if (!hasHeirs && this.log.listsAncestors(own)) return 0;
    return [...items.keys()].reduce((times, pk) => times + 2 + (sent.get(pk) ?? 0), 0);
  }

  /** Whether what was read of a shard says that the process's release folds it, and that no view lacks nothing still. */
  private isHeld(
    process: Caller,
    writer: string,
    { reads, found }: Pick<TableCall, "reads" | "found">,
  ): boolean {
    const views = found.get(releasedViewsKey(writer))?.views?.S;
    const note = views === undefined ? undefined : noteIn({ pk: "", views }, "aggregate");
    if (note === undefined) return false;
    const ids = this.viewsOf(process);
    // Keys may be answered in parts.
    if (ids.some((id) => !reads.includes(progressKey(id, writer)))) return false;
    const epochs = ids.map((id) => epochIn(found.get(progressKey(id, writer))));
    return (
      note.folds.join() === ids.join() &&
      note.keeps.length === 0 &&
      epochs.every((epoch) => epoch === note.epoch)
    );
  }

  private learnProgress(entry: Entry, memory: Memory, pk: string, stored: Item | undefined): void {
    if (stored !== undefined && memory.progress.get(pk) === identityOf(stored)) {
      entry.vouched.add(pk);
      return;
    }
    memory.warm.delete(pk);
    memory.progress.delete(pk);
    if (entry.sent.has(pk)) entry.doubted.add(pk);
  }

  private memoryOf(process: object): Memory {
    let memory = this.memories.get(process);
    if (memory === undefined) {
      memory = { progress: new Map(), warm: new Map() };
      this.memories.set(process, memory);
    }
    return memory;
  }
}

/** Whether it is not recorded where a view begins a shard, or its progress was made for another end. */
function isUnbegun(pk: string, progress: Item | undefined): boolean {
  return pk.startsWith(PROGRESS) && (progress === undefined || progress.from?.S === NOTHING_FOLDED);
}

function epochIn(progress: Item | undefined): number {
  const epochs = progress?.epochs?.S;
  return epochs === undefined ? 0 : ((JSON.parse(epochs) as { readonly aggregate?: number }).aggregate ?? 0);
}

function increase(counts: Map<string, number>, name: string): number {
  const count = (counts.get(name) ?? 0) + 1;
  counts.set(name, count);
  return count;
}

/** What tells whose progress it is, and how far. */
const identityOf = (item: Item): string => `${item.process?.S} ${item.sequence?.S}`;

function batchOf(
  log: RecordLog,
  event: KinesisStreamEvent,
): { readonly writer: string; readonly records: readonly string[] } {
  return {
    writer: log.shards.get(shardIdOf(event.Records[0]!))!.writer,
    records: event.Records.map(({ kinesis }) => kinesis.sequenceNumber),
  };
}
