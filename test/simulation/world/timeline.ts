import { MergeShardsCommand, SplitShardCommand } from "@aws-sdk/client-kinesis";
import { encodeHeartbeat } from "../../../lib/engine/heartbeat.ts";
import type { LoggedShard } from "../platform/record-log.ts";
import { STREAM } from "../platform/stream.ts";
import { TABLE } from "../platform/table.ts";
import { createRandom, type Random } from "../random.ts";
import type { World } from "./world.ts";

const MINUTE_MS = 60_000;
/** Shards that a world does not go beyond. */
const MOST_SHARDS = 12;
/** How long a release that does not read what its follower wrote is back at work. */
const ROLLED_BACK_MS = 3 * MINUTE_MS;

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
    const lastsMs = createRandom(seed, "outage", index).between(20_000, 2 * MINUTE_MS);
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
        const isDone = name === "merge" ? mergeTwo(world, random) : split(world, random) !== null;
        if (isDone && name !== "split-undrained") faults.saw(name);
      });
      if (name === "split-undrained") {
        // The child has hardly a record, and the parent's are still on their way.
        scheduler.at(atMs + random.between(0, 2_000), `${place} again`, () => {
          const parents = split(world, random, true)?.parents ?? [];
          if (parents.some((parent) => !isDrained(world, parent))) faults.saw(name);
        });
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

/** Whether all that a shard took is handled. */
function isDrained({ log, mapping }: World, shardId: string): boolean {
  const last = log.shards.get(shardId)!.records.at(-1);
  const reached = mapping.reached.get(shardId);
  return last === undefined || (reached !== undefined && !isAbove(last.sequenceNumber, reached));
}

/** Splits a shard; null where there are enough. */
function split(world: World, random: Random, isChild = false): LoggedShard | null {
  const open = openShards(world);
  if (open.length >= MOST_SHARDS) return null;
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
  return world.log.shards.get(shardId)!;
}

/** Merges two neighbours, and says whether there were enough. */
function mergeTwo(world: World, random: Random): boolean {
  const open = openShards(world);
  if (open.length < 3) return false;
  const at = random.below(open.length - 1);
  world.onStream(
    new MergeShardsCommand({
      StreamName: STREAM,
      ShardToMerge: open[at]!.shardId,
      AdjacentShardToMerge: open[at + 1]!.shardId,
    }),
  );
  world.log.learnShards();
  return true;
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
  world.releases.forEach(({ codec }, index) => {
    // What was rolled back does not stay so for long: its shards wait.
    const isRolledBack = world.releases[index - 1]?.codec.writes === true && !codec.writes;
    if (isRolledBack) times[index] = times[index - 1]! + ROLLED_BACK_MS;
  });
  times.sort((left, right) => left - right);
  times.forEach((atMs, index) => {
    scheduler.at(atMs, "deployment", () => {
      // It has come already where the one before was rolled back.
      if (world.lambda.release > index) return;
      const { isOf } = world.releases[index + 1]!;
      if (isOf !== "view-left-out") faults.note(isOf!, `${isOf}@${index}`);
      world.deploy();
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
    const reachedBefore = new Map(reached);
    reached.clear();
    const goesBackTo = (timestampMs: number) => {
      const isAgain = [...world.log.shards.values()].some(({ shardId, records }) => {
        const through = reachedBefore.get(shardId);
        const first = records.find(({ arrivalMs }) => arrivalMs >= timestampMs);
        return through !== undefined && first !== undefined && !isAbove(first.sequenceNumber, through);
      });
      if (isAgain) world.faults.saw("mapping-recreated");
    };
    if (random.chance(0.3)) {
      goesBackTo(0);
      return { type: "TRIM_HORIZON" };
    }
    const olderMs = fromMs - random.between(0, 30 * MINUTE_MS);
    // A timestamp of whole seconds, as requests have it.
    const timestampMs = Math.floor(olderMs / 1_000) * 1_000;
    goesBackTo(timestampMs);
    return { type: "AT_TIMESTAMP", timestampMs };
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
