import { isDeepStrictEqual } from "node:util";
import { ListShardsCommand, type ListShardsCommandOutput, type Shard } from "@aws-sdk/client-kinesis";
import type { Scalar } from "../../../lib/define/where.ts";
import { createDecoder } from "../../../lib/engine/decode.ts";
import { type FoldOutcome, foldEvents, type ItemState } from "../../../lib/engine/fold.ts";
import { type EntityKey, entityKey, itemKey } from "../../../lib/engine/key.ts";
import { hashRange } from "../../../lib/engine/partition-hash.ts";
import type { ViewPlan } from "../../../lib/engine/plan.ts";
import { compareSequenceNumbers, writerName } from "../../../lib/engine/position.ts";
import type { DecodedRecord, SourceEvent } from "../../../lib/engine/record.ts";
import { addCounts, type ItemCounts, zeroCounts } from "../../../lib/engine/state/image-header.ts";
import type { ShardWithAncestors } from "../../../lib/online/shard-ancestors.ts";
import type { StreamModel } from "../../../lib/testing/models/stream-model.ts";
import type { RecordedPut } from "../../../lib/testing/recorded-puts.ts";
import { type RawEvent, rawEvent } from "../invariants/raw-event.ts";
import type { Report } from "../invariants/violation.ts";
import { payments } from "../world/definitions.ts";
import type { RecordPlan } from "../world/record-plan.ts";
import { STREAM } from "./stream.ts";

/** A record as the stream took it. */
export interface LoggedRecord {
  readonly plan: RecordPlan | null;
  readonly data: Uint8Array;
  readonly partitionKey: string;
  readonly shardId: string;
  readonly writer: string;
  readonly sequenceNumber: string;
  readonly arrivalMs: number;
  readonly decoded: DecodedRecord;
  /** What it is to the items that it moves. */
  readonly events: readonly ItemEvent[];
  /** Views of which it names no entity. */
  readonly refused: readonly ViewPlan[];
}

/** An event of one item. */
export interface ItemEvent {
  readonly history: ItemHistory;
  readonly event: SourceEvent;
  /** The same, not decoded by the code under test. */
  readonly raw: RawEvent;
  readonly writer: string;
  /** What one pass in order makes of it. */
  outcome: FoldOutcome;
}

/** What one in-order pass over the records of an item makes of it. */
export interface ItemHistory {
  readonly pk: string;
  readonly plan: ViewPlan;
  readonly key: EntityKey;
  readonly values: readonly Scalar[];
  /** Of a many-writer view, the item's own; "" otherwise. */
  readonly writer: string;
  readonly events: ItemEvent[];
  state: ItemState | undefined;
  readonly cleared: ItemCounts;
}

/** A shard's place among shards, as the log keeps it. */
export interface LoggedShard extends ShardWithAncestors {
  readonly shardId: string;
  readonly parents: readonly string[];
  readonly records: LoggedRecord[];
}

/** All that was ever put, and what must come of it: each record folded once, by itself, in the order it was put. */
export class RecordLog {
  readonly shards = new Map<string, LoggedShard>();
  readonly records: LoggedRecord[] = [];
  /** By writer and sequence number. */
  readonly byNumber = new Map<string, LoggedRecord>();
  /** By item key. */
  readonly items = new Map<string, ItemHistory>();
  /** By view id and the entity's partition, its items. */
  readonly entities = new Map<string, ItemHistory[]>();
  private readonly decode = createDecoder(payments);

  constructor(
    private readonly options: {
      readonly model: StreamModel;
      readonly streamArn: string;
      readonly createdMs: number;
      readonly plans: readonly ViewPlan[];
      /** Whether a view folds a record of a writer: a new version begins at its first. */
      readonly begins: (plan: ViewPlan, writer: string, sequenceNumber: string) => boolean;
      readonly report: Report;
    },
  ) {
    this.learnShards();
  }

  /** Call after every change of shards. */
  learnShards(): void {
    const { streamArn, createdMs } = this.options;
    for (const shard of this.listed()) {
      const shardId = shard.ShardId!;
      if (this.shards.has(shardId)) continue;
      const parents = [shard.ParentShardId, shard.AdjacentParentShardId].filter((id) => id !== undefined);
      const ancestors = parents.flatMap((id) => {
        const parent = this.shards.get(id)!;
        return [parent.writer, ...parent.ancestors];
      });
      this.shards.set(shardId, {
        shardId,
        writer: writerName(streamArn, createdMs, shardId),
        hashRange: hashRange(shard.HashKeyRange!.StartingHashKey!, shard.HashKeyRange!.EndingHashKey!),
        parents,
        ancestors: [...new Set(ancestors)],
        records: [],
      });
    }
  }

  /** Whether the stream still lists all that a shard came of: it forgets those whose records it has dropped. */
  listsAncestors({ ancestors }: LoggedShard): boolean {
    const listed = new Set(this.listed().map(({ ShardId }) => this.shards.get(ShardId!)?.writer));
    return ancestors.every((writer) => listed.has(writer));
  }

  private listed(): readonly Shard[] {
    const answer = this.options.model.apply(new ListShardsCommand({ StreamName: STREAM }));
    if (!answer.ok) throw answer.error;
    return (answer.output as ListShardsCommandOutput).Shards ?? [];
  }

  /** Takes down what the stream took. */
  add(put: RecordedPut & { readonly plan: RecordPlan | null }): LoggedRecord {
    const { data, partitionKey, shardId, sequenceNumber, arrivalMs } = put;
    const shard = this.shards.get(shardId)!;
    const decoded = this.decode(
      { data, partitionKey, sequenceNumber, approximateArrivalMs: arrivalMs },
      shard,
    );
    const raw = rawEvent(put, shard);
    if (!saysTheSame(decoded, raw)) {
      this.options.report(
        "decodes-as-schema",
        `record ${sequenceNumber} was decoded as ${JSON.stringify(decoded)}; it is ${JSON.stringify(raw)}.`,
      );
    }
    const { writer } = shard;
    const events: ItemEvent[] = [];
    const refused: ViewPlan[] = [];
    if (decoded.kind === "event" && typeof raw === "object") {
      for (const view of this.options.plans) {
        const event = this.fold(view, writer, decoded, raw);
        if (event === null) refused.push(view);
        else events.push(event);
      }
    }
    const record = { ...put, writer, decoded, events, refused };
    shard.records.push(record);
    this.records.push(record);
    this.byNumber.set(`${writer} ${sequenceNumber}`, record);
    return record;
  }

  /** Folds the items of a view again, once it is known where it begins. */
  refold(plan: ViewPlan): void {
    for (const history of this.items.values()) {
      if (history.plan !== plan) continue;
      history.state = undefined;
      Object.assign(history.cleared, zeroCounts());
      for (const each of history.events) this.foldOne(each);
    }
  }

  private fold(plan: ViewPlan, writer: string, event: SourceEvent, raw: RawEvent): ItemEvent | null {
    const values = plan.view.entity.map((field) => event.row[field] as Scalar);
    let key: EntityKey;
    try {
      key = entityKey(plan, values);
    } catch {
      return null;
    }
    const pk = itemKey(key, plan.singleWriter ? null : writer);
    let history = this.items.get(pk);
    if (history === undefined) {
      history = {
        pk,
        plan,
        key,
        values,
        writer: plan.singleWriter ? "" : writer,
        events: [],
        state: undefined,
        cleared: zeroCounts(),
      };
      this.items.set(pk, history);
      const entity = this.entities.get(key.partition);
      if (entity === undefined) this.entities.set(key.partition, [history]);
      else entity.push(history);
    }
    const each: ItemEvent = { history, event, raw, writer, outcome: "already-folded" };
    history.events.push(each);
    this.foldOne(each);
    return each;
  }

  private foldOne(each: ItemEvent): void {
    const { history, event, writer } = each;
    const { plan } = history;
    if (!this.options.begins(plan, writer, event.sequenceNumber)) {
      each.outcome = "already-folded";
      return;
    }
    const { item, outcomes, cleared } = foldEvents({ plan, writer, item: history.state, events: [event] });
    history.state = item;
    if (cleared !== null) addCounts(history.cleared, cleared);
    each.outcome = outcomes[0]!;
  }
}

function saysTheSame(decoded: DecodedRecord, raw: ReturnType<typeof rawEvent>): boolean {
  if (typeof raw === "string") return decoded.kind === raw;
  if (decoded.kind !== "event") return false;
  const { row, eventTimeMs, arrivalMs } = decoded;
  return isDeepStrictEqual({ row, eventTimeMs, arrivalMs }, raw);
}

export const isAtOrBelow = (left: string, right: string): boolean => compareSequenceNumbers(left, right) <= 0;
