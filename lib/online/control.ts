import { type HashRange, partitionHash, rangeHolds } from "../engine/partition-hash.ts";
import type { ViewPlan } from "../engine/plan.ts";
import { writerName } from "../engine/position.ts";
import type { StreamDescription } from "./describe-stream.ts";
import { SYSTEM_KEY_PREFIX } from "./items.ts";
import type { ItemValue, StoredItem } from "./state-store.ts";

/** A shard as readers know it. */
export interface ControlShard {
  /** Stream incarnation and shard: what its items and progress are kept under. */
  readonly writer: string;
  readonly hashRange: HashRange;
  /** The writers it was split or merged from. */
  readonly parents: readonly string[];
  readonly open: boolean;
  /** When it was first found closed, epoch ms; null while it is open. */
  readonly closedMs: number | null;
  /**
   * Until when a closed shard stays listed, epoch ms: what the furthest-reaching of all views that were ever folded beside
   * it needs, those of other releases and aggregators too. Absent: it is open, or was closed by a release that kept none.
   */
  readonly keepUntilMs?: number;
}

/** What the control item of a source's stream holds: every shard whose items may still be read. */
export interface StreamControl {
  readonly arn: string;
  readonly createdMs: number;
  /** In the order of their writers. */
  readonly shards: readonly ControlShard[];
}

export function controlKey(sourceName: string): string {
  return `${SYSTEM_KEY_PREFIX}stream|${sourceName}`;
}

/** A shard takes about 200 bytes, so that an item (400 KB) holds some 2,000 of them. */
export function controlAttributes(control: StreamControl): Readonly<Record<string, ItemValue>> {
  return { arn: control.arn, created: control.createdMs, shards: JSON.stringify(control.shards) };
}

export function parseControl(item: StoredItem): StreamControl {
  return {
    arn: item.arn as string,
    createdMs: item.created as number,
    shards: JSON.parse(item.shards as string) as ControlShard[],
  };
}

/**
 * Brings control up to date with what the stream says of itself. Shards that it no longer names, those of an earlier
 * incarnation among them, stay listed as closed until nothing of theirs can be read any more.
 *
 * @param nowMs - epoch ms, for when shards were found closed.
 * @param keepMs - how long a closed shard stays at least, as {@link keepClosedMs} has it.
 */
export function mergeControl(
  previous: StreamControl | undefined,
  description: StreamDescription,
  { nowMs, keepMs }: { readonly nowMs: number; readonly keepMs: number },
): StreamControl {
  const { arn, createdMs } = description;
  const known = new Map((previous?.shards ?? []).map((shard) => [shard.writer, shard]));
  const closed = (shard: ControlShard) => {
    const before = known.get(shard.writer);
    const closedMs = before?.closedMs ?? nowMs;
    const keepUntilMs = Math.max(before?.keepUntilMs ?? 0, closedMs + keepMs);
    return { ...shard, open: false, closedMs, keepUntilMs };
  };
  const shards: ControlShard[] = description.shards.map((shard) => {
    const writer = writerName(arn, createdMs, shard.shardId);
    const parents = shard.parents.map((parent) => writerName(arn, createdMs, parent));
    const listed = { writer, hashRange: shard.hashRange, parents, open: true, closedMs: null };
    return shard.open ? listed : closed(listed);
  });
  const named = new Set(shards.map((shard) => shard.writer));
  for (const shard of known.values()) {
    if (named.has(shard.writer)) continue;
    const kept = closed(shard);
    if (nowMs <= kept.keepUntilMs) shards.push(kept);
  }
  shards.sort((left, right) => (left.writer < right.writer ? -1 : 1));
  return { arn, createdMs, shards };
}

/**
 * How long after a shard closed its items may still be read: until the last record it can have taken has expired in
 * every view, records that were folded as late as the stream's retention allows included.
 */
export function keepClosedMs(plans: readonly ViewPlan[]): number {
  return Math.max(
    0,
    ...plans.map(
      ({ view: { source }, expiryMs }) => (expiryMs ?? 0) + source.maxFutureSkewMs + source.retentionMs,
    ),
  );
}

/** The shards that a partition key's records go, or went, through. */
export function shardsOfKey(shards: readonly ControlShard[], partitionKey: string): readonly ControlShard[] {
  const hash = partitionHash(partitionKey);
  return shards.filter((shard) => rangeHolds(shard.hashRange, hash));
}
