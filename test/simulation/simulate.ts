import { createDynamoStateStore } from "../../lib/online/dynamo-state-store.ts";
import { asDynamoDBClient } from "../../lib/testing/models/clients.ts";
import type { FaultName } from "./faults/registry.ts";
import { checkCounts } from "./invariants/counts-add-up.ts";
import { checkItems } from "./invariants/items-equal-one-pass.ts";
import type { Violation } from "./invariants/violation.ts";
import { NEWEST_RELEASE, readBy } from "./platform/codec-release.ts";
import { TABLE } from "./platform/table.ts";
import { Stuck } from "./scheduler.ts";
import { newVersion } from "./world/definitions.ts";
import { planTimeline } from "./world/timeline.ts";
import { type Schedule, World } from "./world/world.ts";
import { planWorld, type WorldPlan } from "./world/world-plan.ts";

/** What came of one world. */
export interface WorldResult {
  readonly seed: number;
  readonly violations: readonly Violation[];
  /** How often each fault fired. */
  readonly faults: Readonly<Record<string, number>>;
  /** Faults in the order they fired, as a schedule names them. */
  readonly fired: readonly string[];
  /** How often a crash hit each await of the write path, before or after the call was carried out. */
  readonly crashSites: Readonly<Record<string, number>>;
  readonly records: number;
  readonly answers: number;
  readonly steps: number;
  readonly traceHash: string;
  /** Errors that the function logged, with their causes. */
  readonly logged: readonly string[];
}

export interface SimulationOptions {
  readonly seed: number;
  /** Only these faults, whatever the seed draws. */
  readonly only?: readonly FaultName[];
  readonly schedule?: Schedule;
  /** Told of everything that happens. */
  readonly onStep?: (atMs: number, label: string) => void;
}

const HOUR_MS = 3_600_000;
const MOST_STEPS = 400_000;

/**
 * Runs the world of a seed to its end, and checks it.
 *
 * @example
 * ```ts
 * const { violations } = await simulate({ seed: 1 });
 * ```
 */
export async function simulate(options: SimulationOptions): Promise<WorldResult> {
  const plan = planWorld(options.seed, options.only);
  const world = new World(plan, options.schedule);
  world.scheduler.onStep = options.onStep ?? null;
  try {
    planTimeline(world);
    await runToItsEnd(world, plan);
    await checkEnd(world);
  } catch (error) {
    world.report(
      error instanceof Stuck ? "comes-to-its-end" : "nothing-throws",
      error instanceof Error ? `${error.stack ?? error.message}` : String(error),
    );
  }
  return {
    seed: options.seed,
    violations: world.violations,
    faults: Object.fromEntries(world.faults.counts),
    fired: world.faults.fired,
    crashSites: Object.fromEntries(world.crashSites),
    records: world.log.records.length,
    answers: world.readers.answers,
    steps: world.scheduler.steps,
    traceHash: digestOf(world),
    logged: [...world.logged].map(([message, cause]) => `${message} ${cause}`),
  };
}

async function runToItsEnd(world: World, { calmFromMs }: WorldPlan): Promise<void> {
  const { scheduler, mapping, lambda, losses } = world;
  const limit = { steps: MOST_STEPS, untilMs: calmFromMs + 3 * HOUR_MS };
  let isOver = false;
  let failure: unknown;
  const run = async () => {
    await scheduler.sleep(calmFromMs - scheduler.now() + 1);
    do {
      while (losses.pending > 0 || lambda.running > 0) await scheduler.sleep(10_000);
      await mapping.drained();
    } while (losses.pending > 0 || lambda.running > 0);
    await mapping.stop();
    // Writes that are still on their way, and what readers remember.
    await scheduler.sleep(10 * 60_000);
    await world.readers.readAll();
  };
  run().then(
    () => {
      isOver = true;
    },
    (error) => {
      failure = error;
      isOver = true;
    },
  );
  await scheduler.runUntil(() => isOver, limit);
  if (failure !== undefined) throw failure;
}

/** Differs when anything happened at another time or in another order, was put or answered otherwise, or ends otherwise. */
function digestOf({ scheduler, digest, table, bucket }: World): string {
  digest.update(scheduler.traceHash);
  for (const [pk, item] of [...table.model.items(TABLE)].sort(([left], [right]) => (left < right ? -1 : 1))) {
    digest.update(pk);
    for (const name of Object.keys(item).sort()) {
      const { S, N, B, BOOL } = item[name]!;
      digest.update(`${name} `).update(B ?? String(S ?? N ?? BOOL));
    }
  }
  for (const key of [...bucket.objects.keys()].sort()) digest.update(key).update(bucket.objects.get(key)!);
  return digest.digest("hex").slice(0, 16);
}

async function checkEnd(world: World): Promise<void> {
  const { log, table, bucket, report } = world;
  log.refold(newVersion);
  const items = table.model.items(TABLE);
  checkItems({ log, items, deleted: world.deleted, report });
  const store = createDynamoStateStore({
    client: asDynamoDBClient(async (command) => {
      const answer = table.model.apply(command);
      if (!answer.ok) throw answer.error;
      const { Items, ...output } = answer.output as { Items?: Parameters<typeof readBy>[1][] };
      return Items === undefined
        ? output
        : { ...output, Items: Items.map((item) => readBy(NEWEST_RELEASE, item)) };
    }),
    table: TABLE,
  });
  await checkCounts({
    log,
    store,
    objects: bucket.store,
    plans: world.plans,
    deleted: world.deletedCounts,
    items,
    begins: world.begins,
    overturned: world.losses.overturned,
    report,
  });
}
