import { MergeShardsCommand, SplitShardCommand } from "@aws-sdk/client-kinesis";
import { encodeHeartbeat } from "../../../lib/engine/heartbeat.ts";
import { STREAM } from "../platform/stream.ts";
import { TABLE } from "../platform/table.ts";
import { createRandom, type Random } from "../random.ts";
import type { World } from "./world.ts";

const MINUTE_MS = 60_000;
/** Shards that a world does not go beyond. */
const MOST_SHARDS = 12;

/** Sets down when everything happens that the world does by itself: puts, reads, reshards, deployments, outages. */
export function planTimeline(world: World): void {
  const { plan, schedule, scheduler } = world;
  const { seed, startMs, lastPutMs, calmFromMs } = plan;
  world.mapping.start();
  for (const record of plan.records) {
    if (schedule.records !== undefined && !schedule.records.has(record.index)) continue;
    scheduler.at(record.atMs, `put ${record.index}`, () => world.put(record));
  }
  if (schedule.isUnread !== true) {
    for (let index = 0; index < plan.reads; index++) {
      const random = createRandom(seed, "read-time", index);
      // Most while there is something to read of, some in a rest.
      const near = random.pick(plan.records).atMs + random.between(0, 2 * MINUTE_MS);
      scheduler.at(near, `read ${index}`, () => void world.readers.read(`read-${index}`));
    }
  }
  const { heartbeatMs } = plan;
  if (heartbeatMs !== null) {
    for (let atMs = startMs; atMs < lastPutMs; atMs += heartbeatMs) {
      scheduler.at(atMs, "heartbeat", () => beat(world));
    }
  }
  planReshards(world);
  planDeployments(world);
  const during = (name: string) => {
    const record = createRandom(seed, "time", name).pick(plan.records);
    return record.atMs;
  };
  for (let index = 0; index < 2; index++) {
    const fires = world.faults.fires("endless-retries", `outage-${index}`);
    if (!fires) continue;
    const fromMs = during(`outage-${index}`);
    scheduler.at(fromMs, "outage begins", () => {
      world.table.isOut = true;
    });
    const lastsMs = createRandom(seed, "outage", index).between(MINUTE_MS, 6 * MINUTE_MS);
    scheduler.at(fromMs + lastsMs, "outage ends", () => {
      world.table.isOut = false;
    });
  }
  for (let index = 0; index < 2; index++) {
    if (!world.faults.fires("mapping-recreated", `mapping-${index}`)) continue;
    scheduler.at(during(`mapping-${index}`), "mapping recreated", () => recreateMapping(world, index));
  }
  for (let atMs = startMs; atMs < lastPutMs + MINUTE_MS; atMs += 20 * MINUTE_MS) {
    scheduler.at(atMs, "ttl", () => deleteExpired(world));
  }
  scheduler.at(calmFromMs, "calm", () => {
    world.faults.isCalm = true;
    world.table.isOut = false;
  });
}

function planReshards(world: World): void {
  const { plan, scheduler, faults } = world;
  const { seed } = plan;
  for (const name of ["split", "merge", "split-undrained"] as const) {
    for (let index = 0; index < 2; index++) {
      const place = `${name}-${index}`;
      if (!faults.fires(name, place)) continue;
      const random = createRandom(seed, "reshard", place);
      const atMs = random.pick(plan.records).atMs;
      scheduler.at(atMs, place, () => {
        if (name === "merge") mergeTwo(world, random);
        else split(world, random);
      });
      if (name === "split-undrained") {
        // The child has hardly a record, and the parent's are still on their way.
        scheduler.at(atMs + random.between(0, 2_000), `${place} again`, () => split(world, random, true));
      }
    }
  }
}

interface OpenShard {
  readonly shardId: string;
  readonly first: bigint;
  readonly last: bigint;
}

function openShards(world: World): readonly OpenShard[] {
  const parents = new Set([...world.log.shards.values()].flatMap((shard) => shard.parents));
  return [...world.log.shards.values()]
    .filter(({ shardId }) => !parents.has(shardId))
    .map(({ shardId, hashRange }) => ({
      shardId,
      first: BigInt(`0x${hashRange!.start}`),
      last: BigInt(`0x${hashRange!.end}`),
    }))
    .sort((left, right) => (left.first < right.first ? -1 : 1));
}

function split(world: World, random: Random, isChild = false): void {
  const open = openShards(world);
  if (open.length >= MOST_SHARDS) return;
  const children = open.filter(({ shardId }) => world.log.shards.get(shardId)!.parents.length > 0);
  const { shardId, first, last } = random.pick(isChild && children.length > 0 ? children.slice(-2) : open);
  const share = BigInt(Math.floor(random.between(0.2, 0.8) * 1_000));
  world.onStream(
    new SplitShardCommand({
      StreamName: STREAM,
      ShardToSplit: shardId,
      NewStartingHashKey: String(first + ((last - first) * share) / 1_000n),
    }),
  );
  world.log.learnShards();
}

function mergeTwo(world: World, random: Random): void {
  const open = openShards(world);
  if (open.length < 3) return;
  const at = random.below(open.length - 1);
  world.onStream(
    new MergeShardsCommand({
      StreamName: STREAM,
      ShardToMerge: open[at]!.shardId,
      AdjacentShardToMerge: open[at + 1]!.shardId,
    }),
  );
  world.log.learnShards();
}

function planDeployments(world: World): void {
  const { plan, scheduler, faults } = world;
  const count = world.releases.length - 1;
  if (count === 0) return;
  const times = Array.from(
    { length: count },
    (_, index) => createRandom(plan.seed, "deploy", index).pick(plan.records).atMs,
  );
  times.sort((left, right) => left - right);
  times.forEach((atMs, index) => {
    scheduler.at(atMs, "deployment", () => {
      const before = world.releases[index]!;
      const after = world.releases[index + 1]!;
      if (before.definitions !== after.definitions) {
        faults.note("new-view-version", `new-view-version@${index}`);
      } else {
        faults.note("codec-rollout", `codec-rollout@${index}`);
        if (after.codec.writes && !before.codec.reads)
          faults.note("skipped-codec-step", "skipped-codec-step@0");
      }
      world.lambda.deploy();
    });
  });
}

function beat(world: World): void {
  for (const { shardId, first } of openShards(world)) {
    world.putRaw({
      data: encodeHeartbeat(world.scheduler.now()),
      partitionKey: `heartbeat-${shardId}`,
      explicitHashKey: String(first),
    });
  }
}

/** A mapping that begins no later than the first record that is not handled. */
function recreateMapping(world: World, index: number): void {
  const random = createRandom(world.plan.seed, "recreate", index);
  void world.mapping.pausedFor(async () => {
    const { reached } = world.mapping;
    let fromMs = world.scheduler.now();
    for (const { shardId, records } of world.log.shards.values()) {
      const through = reached.get(shardId);
      const next = records.find(
        ({ sequenceNumber }) => through === undefined || isAbove(sequenceNumber, through),
      );
      if (next !== undefined) fromMs = Math.min(fromMs, next.arrivalMs);
    }
    reached.clear();
    if (random.chance(0.3)) return { type: "TRIM_HORIZON" };
    const olderMs = fromMs - random.between(0, 30 * MINUTE_MS);
    // A timestamp of whole seconds, as requests have it.
    return { type: "AT_TIMESTAMP", timestampMs: Math.floor(olderMs / 1_000) * 1_000 };
  });
}

const isAbove = (left: string, right: string): boolean => BigInt(left) > BigInt(right);

function deleteExpired(world: World): void {
  if (world.table.model.expiredKeys(TABLE).length === 0) return;
  const nowMs = world.scheduler.now();
  for (const pk of world.table.model.expiredKeys(TABLE)) {
    if (world.faults.fires("ttl-deletion", `${pk}/${nowMs}`)) world.expire(pk);
  }
}
