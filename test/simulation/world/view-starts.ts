import { compareSequenceNumbers } from "../../../lib/engine/position.ts";
import { NEVER, startKey } from "../../../lib/online/view-start.ts";
import type { Report } from "../invariants/violation.ts";
import { invocationOf } from "../platform/execution-environment.ts";
import { isAtOrBelow, type RecordLog } from "../platform/record-log.ts";
import type { TableCall } from "../platform/table.ts";
import { newVersion } from "./definitions.ts";

/** Records of a shard that whoever begins it knows of. */
interface Known {
  readonly writer: string;
  readonly records: readonly string[];
}

/**
 * Where the new version of a view begins each shard, by the world's own account (R15): with the lowest record of the
 * batch whose process was the first to have a start carried out, or behind what others have finished of it; nowhere in a
 * shard whose child began before it. What the table says is held against that, never
 * taken for it.
 */
export class ViewStarts {
  /** By writer. */
  readonly starts = new Map<string, string>();

  constructor(
    private readonly options: {
      readonly log: () => Pick<RecordLog, "shards" | "byNumber">;
      /** The batch of an invocation, by its id. */
      readonly batchOf: (id: string) => Known | undefined;
      /** How far the views' stored progress goes in a shard at the most. */
      readonly reached: (writer: string) => string;
      /** Told when a beginning is known. */
      readonly onBegin: () => void;
      readonly report: Report;
    },
  ) {}

  /** Whether the new version folds a record. */
  begins(writer: string, sequenceNumber: string): boolean {
    const start = this.starts.get(writer);
    return start !== undefined && start !== NEVER && compareSequenceNumbers(sequenceNumber, start) >= 0;
  }

  /** Whether the new version has begun a shard or is closed to it. */
  has(writer: string): boolean {
    return this.starts.has(writer);
  }

  /** A process of the new version finished a whole batch: it has begun the shard, then. */
  finished(id: string): void {
    const { writer } = this.options.batchOf(id)!;
    if (!this.has(writer))
      this.report(`${id} finished a batch of ${writer} that the new version has not begun.`);
  }

  /** A write of where a view begins was carried out. */
  call({ name, site, writes, applied }: TableCall): void {
    if (site !== "write-start" || !applied) return;
    const pk = writes!.pk!.S!;
    const shards = [...this.options.log().shards.values()];
    const shard = shards.find((each) => pk === startKey(newVersion.id, each.writer));
    if (shard === undefined) return;
    const { writer, ancestors } = shard;
    const stored = writes!.from!.S!;
    const batch = this.options.batchOf(invocationOf(name));
    const heir = shards.find((each) => each.writer === batch?.writer);
    if (this.starts.has(writer)) this.report(`${name} moved the beginning of ${pk} to ${stored}.`);
    if (batch === undefined) {
      this.report(`${name} recorded ${stored} for ${pk}, and knows no record of any shard.`);
      return;
    }
    if (batch.writer === writer) {
      this.starts.set(writer, this.isBehindOthers(writer, stored, batch) ? stored : lowest(batch.records));
      for (const ancestor of ancestors) {
        if (!this.has(ancestor)) this.report(`${name} began ${pk} with its ancestor ${ancestor} left open.`);
      }
    } else {
      if (!heir!.ancestors.includes(writer)) {
        this.report(`${name} closed ${pk}, which is no ancestor of ${heir!.shardId}.`);
      }
      this.starts.set(writer, NEVER);
    }
    this.options.onBegin();
    if (stored !== this.starts.get(writer)) {
      this.report(`${name} recorded ${stored} for ${pk}; it begins with ${this.starts.get(writer)}.`);
    }
  }

  /** Of a batch that others have finished before, a view begins behind what they have. */
  private isBehindOthers(writer: string, stored: string, { records }: Known): boolean {
    if (!/^\d+$/.test(stored)) return false;
    const through = String(BigInt(stored) - 1n);
    const isRecord = this.options.log().byNumber.has(`${writer} ${through}`);
    return (
      isRecord && isAtOrBelow(lowest(records), through) && isAtOrBelow(through, this.options.reached(writer))
    );
  }

  private report(what: string): void {
    this.options.report("views-begin-once", what);
  }
}

const lowest = (sequenceNumbers: readonly string[]): string =>
  sequenceNumbers.reduce((least, each) => (compareSequenceNumbers(each, least) < 0 ? each : least));
