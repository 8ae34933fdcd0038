import { compareSequenceNumbers } from "../../../lib/engine/position.ts";
import { NEVER, startKey } from "../../../lib/online/view-start.ts";
import type { Report } from "../invariants/violation.ts";
import type { RecordLog } from "../platform/record-log.ts";
import type { TableCall } from "../platform/table.ts";
import { newVersion } from "./definitions.ts";

/**
 * Where the new version of a view begins each shard, by the world's own account (R15): with the lowest record of the
 * batch whose process was the first to have a start carried out, or with the first record known to be lost; nowhere in
 * a shard whose child began before it. What the table says is held against that, never taken for it.
 */
export class ViewStarts {
  /** By writer. */
  readonly starts = new Map<string, string>();
  private readonly lost = new Map<string, string>();

  constructor(
    private readonly options: {
      readonly log: () => Pick<RecordLog, "shards">;
      /** The batch of an invocation, by its id. */
      readonly batchOf: (
        id: string,
      ) => { readonly writer: string; readonly records: readonly string[] } | undefined;
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

  /** An operator marks a shard for records that were lost from one on. */
  mark(writer: string, lostFrom: string): void {
    const known = this.lost.get(writer);
    if (known === undefined || compareSequenceNumbers(lostFrom, known) < 0) this.lost.set(writer, lostFrom);
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
    if (this.starts.has(writer)) this.report(`${name} moved the beginning of ${pk} to ${stored}.`);
    const batch = this.options.batchOf(name.slice(0, name.lastIndexOf("/")));
    const isClosing = batch === undefined ? stored === NEVER : batch.writer !== writer;
    if (isClosing) {
      const heir = shards.find((each) => each.writer === batch?.writer);
      if (heir !== undefined && !heir.ancestors.includes(writer)) {
        this.report(`${name} closed ${pk}, which is no ancestor of ${heir.shardId}.`);
      }
      this.starts.set(writer, NEVER);
    } else {
      const from = batch === undefined ? this.lost.get(writer) : lowest(batch.records);
      if (from === undefined) this.report(`${name} began ${pk}, of which no record is lost.`);
      else this.starts.set(writer, from);
      for (const ancestor of ancestors) {
        if (!this.has(ancestor)) this.report(`${name} began ${pk} with its ancestor ${ancestor} left open.`);
      }
    }
    this.options.onBegin();
    if (stored !== this.starts.get(writer)) {
      this.report(`${name} recorded ${stored} for ${pk}; it begins with ${this.starts.get(writer)}.`);
    }
  }

  private report(what: string): void {
    this.options.report("views-begin-once", what);
  }
}

const lowest = (sequenceNumbers: readonly string[]): string =>
  sequenceNumbers.reduce((least, each) => (compareSequenceNumbers(each, least) < 0 ? each : least));
