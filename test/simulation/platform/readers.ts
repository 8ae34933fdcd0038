import type { Scalar } from "../../../lib/define/where.ts";
import { entityKey } from "../../../lib/engine/key.ts";
import type { ViewPlan } from "../../../lib/engine/plan.ts";
import { createDynamoStateStore } from "../../../lib/online/dynamo-state-store.ts";
import { createReader, type FeatureReader } from "../../../lib/online/reader.ts";
import { asDynamoDBClient } from "../../../lib/testing/models/clients.ts";
import { checkAnswer, splitAtPositions } from "../invariants/answers-equal-oracle.ts";
import { checkFreshness } from "../invariants/freshness-is-honest.ts";
import type { Report } from "../invariants/violation.ts";
import { createRandom, type Random } from "../random.ts";
import type { Scheduler } from "../scheduler.ts";
import type { CodecRelease } from "./codec-release.ts";
import type { Losses } from "./losses.ts";
import type { Caller } from "./network.ts";
import type { RecordLog } from "./record-log.ts";
import { TABLE, type TablePlatform, tableOf } from "./table.ts";

const READERS = 2;
const PROGRESS_MEMORY_MS = 1_000;
const CLOCK_SKEW_MS = 2 * 60_000;

/** Past this many, an answer's items are more than one call of the table takes. */
const ENTITIES_A_CALL = 25;

interface Request {
  readonly plan: ViewPlan;
  readonly key: readonly Scalar[];
}

export interface ReadersOptions {
  readonly seed: number;
  readonly scheduler: Scheduler;
  readonly table: TablePlatform;
  readonly log: RecordLog;
  /** What may be read by now. */
  readonly plans: () => readonly ViewPlan[];
  readonly release: () => CodecRelease;
  readonly losses: Pick<Losses, "isLost" | "wasMarked" | "hasRebuilt">;
  /** Items that TTL deleted, by key, with their positions. */
  readonly deleted: ReadonlyMap<string, Uint8Array>;
  readonly report: Report;
}

/** Servers that answer requests while everything goes on, each with a memory and a clock of its own. */
export class Readers {
  /** Answers that were checked. */
  answers = 0;
  private readonly readers: FeatureReader[];

  constructor(private readonly options: ReadersOptions) {
    const { seed, scheduler, table, release } = options;
    this.readers = Array.from({ length: READERS }, (_, index) => {
      const random = createRandom(seed, "reader", index);
      // A clock that is as slow as is declared leaves lag no room for anything else that would better it.
      const drawnMs = random.chance(0.5) ? -CLOCK_SKEW_MS : random.between(-CLOCK_SKEW_MS, CLOCK_SKEW_MS);
      const skewMs = table.faults.isEnabled("clock-skew") ? Math.floor(drawnMs) : 0;
      let calls = 0;
      const caller: Caller = { isGone: false, nextCall: (site) => `r${index}/${calls++}:${site}` };
      const store = createDynamoStateStore({
        client: asDynamoDBClient(tableOf(table, caller, release)),
        table: TABLE,
        timing: { sleep: (ms) => scheduler.sleep(ms), random: () => random.next() },
      });
      return createReader({
        store,
        clock: { now: () => scheduler.now() + skewMs },
        defer: (run) => void scheduler.after(0, "gathered", run),
      });
    });
  }

  /** One request for several entities. */
  async read(name: string): Promise<void> {
    const { seed, table } = this.options;
    const random = createRandom(seed, "read", name);
    const consistent = !table.faults.fires("stale-read", name);
    const requests = Array.from({ length: 2 + random.below(5) }, () => this.request(random));
    try {
      await this.ask(random.pick(this.readers), requests, consistent);
    } catch (error) {
      this.options.report("nothing-throws", `a read threw ${(error as Error).stack ?? error}`);
    }
  }

  /** Requests for every entity that there ever was, when nothing is under way any more. */
  async readAll(): Promise<void> {
    const plans = this.options.plans();
    const requests = [...this.options.log.entities.values()]
      .map(([first]) => ({ plan: first!.plan, key: first!.values }))
      .filter(({ plan }) => plans.includes(plan));
    for (let at = 0; at < requests.length; at += ENTITIES_A_CALL) {
      const isWhole = await this.ask(this.readers[0]!, requests.slice(at, at + ENTITIES_A_CALL), true);
      if (!isWhole)
        this.options.report("answers-equal-oracle", "at its end the world holds events that no answer has.");
    }
  }

  /** Asks, and checks the answers: whether they hold all that was put. */
  private async ask(
    reader: FeatureReader,
    requests: readonly Request[],
    consistent: boolean,
  ): Promise<boolean> {
    const { scheduler, log, losses, deleted, report } = this.options;
    // What readers remember of progress is older than this by no more.
    const knownFromMs = scheduler.now() - PROGRESS_MEMORY_MS;
    const entityOf = ({ plan, key }: Request) => entityKey(plan, key).partition;
    // What is rebuilt while the answer is on its way was lost when its items were read.
    const lostBefore = requests.map((request) => losses.isLost(log.entities.get(entityOf(request)) ?? []));
    let readings: Awaited<ReturnType<FeatureReader["readEach"]>>;
    try {
      readings = await reader.readEach(requests, { consistent });
    } catch (error) {
      if ((error as { code?: unknown }).code !== "STORE_UNAVAILABLE") throw error;
      // The table was out of reach.
      return false;
    }
    const nowMs = scheduler.now();
    let isWhole = true;
    readings.forEach((reading, index) => {
      const { plan, key } = requests[index]!;
      if (reading instanceof Error) {
        report("answers-equal-oracle", `${plan.id} of ${JSON.stringify(key)}: ${reading.message}`);
        return;
      }
      this.answers++;
      const entity = entityOf(requests[index]!);
      const covered = splitAtPositions(log, plan, { entity, positions: reading.positions, deleted });
      if (covered.some(({ missing }) => missing !== null)) isWhole = false;
      const histories = covered.map(({ history }) => history);
      const isLost = lostBefore[index]! || losses.isLost(histories);
      const isMarked = lostBefore[index]! && losses.wasMarked(histories, knownFromMs);
      // An eventual read may be of an item from before it was rebuilt, at the same position.
      const isRebuilt = !consistent && losses.hasRebuilt;
      if (!isLost && !isRebuilt) checkAnswer({ plan, reading, covered, report });
      checkFreshness({ reading, covered, nowMs, isLost, isMarked, report });
    });
    return isWhole;
  }

  private request(random: Random): Request {
    const plan = random.pick(this.options.plans());
    const known = [...this.options.log.entities.values()]
      .map(([history]) => history!)
      .filter((each) => each.plan === plan);
    const isNew = known.length === 0 || random.chance(0.05);
    return { plan, key: isNew ? plan.view.entity.map(() => "never-seen") : random.pick(known).values };
  }
}
