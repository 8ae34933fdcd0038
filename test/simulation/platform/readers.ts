import { createHash, type Hash } from "node:crypto";
import type { Scalar } from "../../../lib/define/where.ts";
import { entityKey } from "../../../lib/engine/key.ts";
import type { ViewPlan } from "../../../lib/engine/plan.ts";
import { decodePosition } from "../../../lib/engine/position.ts";
import { createDynamoStateStore } from "../../../lib/online/dynamo-state-store.ts";
import { createReader, type EntityReading, type FeatureReader } from "../../../lib/online/reader.ts";
import { asDynamoDBClient } from "../../../lib/testing/models/clients.ts";
import { type Covered, checkAnswer, splitAtPositions } from "../invariants/answers-equal-oracle.ts";
import type { Begins } from "../invariants/entries-of.ts";
import { checkFreshness, checkViewFreshness, reachOf } from "../invariants/freshness-is-honest.ts";
import { checkHistory } from "../invariants/history-equals-oracle.ts";
import type { Report } from "../invariants/violation.ts";
import { createRandom, type Random } from "../random.ts";
import type { Scheduler } from "../scheduler.ts";
import type { CodecRelease } from "./codec-release.ts";
import type { Losses } from "./losses.ts";
import type { Caller } from "./network.ts";
import type { ItemEvent, RecordLog } from "./record-log.ts";
import { TABLE, type TablePlatform, tableOf } from "./table.ts";

const NO_POSITION = new Uint8Array(0);
const READERS = 2;
/** What readers remember of shards and of progress is older than this by no more. */
const MEMORY_MS = 11_000;
const CLOCK_SKEW_MS = 2 * 60_000;

/** How often a request is for tiles, and for the freshness of views, beside what is asked for features. */
const HISTORY_SHARE = 0.3;
const VIEW_FRESHNESS_SHARE = 0.3;

/** What keeps the first progress of a shard from being written: it warms since the next, then. */
const PROGRESS_FAULTS = [
  "crash",
  "throttle",
  "endless-retries",
  "timeout-before-write",
  "late-write",
] as const;

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
  readonly losses: Losses;
  /** The view that a release leaves out; null: none does. */
  readonly leftOut: ViewPlan | null;
  /** Whether a view folds a record of a writer. */
  readonly begins: Begins;
  /** Items that TTL deleted, by key, with their positions. */
  readonly deleted: ReadonlyMap<string, Uint8Array>;
  /** Takes in all that is answered. */
  readonly digest: Hash;
  readonly report: Report;
}

/** Servers that answer requests while everything goes on, each with a memory and a clock of its own. */
export class Readers {
  /** Answers that were checked. */
  answers = 0;
  /** Nothing is under way any more. */
  private isAtEnd = false;
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
      const reader = random.pick(this.readers);
      await this.ask(reader, requests, consistent);
      if (random.chance(HISTORY_SHARE)) await this.askHistory(reader, requests[0]!, consistent);
      if (random.chance(VIEW_FRESHNESS_SHARE)) await this.askFreshness(reader);
    } catch (error) {
      this.options.report("nothing-throws", `a read threw ${(error as Error).stack ?? error}`);
    }
  }

  /** Requests for every entity that there ever was, when nothing is under way any more. */
  async readAll(): Promise<void> {
    this.isAtEnd = true;
    const plans = this.options.plans();
    const requests = [...this.options.log.entities.values()]
      .map(([first]) => ({ plan: first!.plan, key: first!.values }))
      .filter(({ plan }) => plans.includes(plan));
    for (let at = 0; at < requests.length; at += ENTITIES_A_CALL) {
      const isWhole = await this.ask(this.readers[0]!, requests.slice(at, at + ENTITIES_A_CALL), true);
      if (!isWhole)
        this.options.report("answers-equal-oracle", "at its end the world holds events that no answer has.");
    }
    await this.askFreshness(this.readers[0]!);
  }

  /** Asks, and checks the answers: whether they hold all that was put. */
  private async ask(
    reader: FeatureReader,
    requests: readonly Request[],
    consistent: boolean,
  ): Promise<boolean> {
    const watch = this.watch(requests);
    const readings = await this.answerOf(reader.readEach(requests, { consistent }));
    if (readings === null) return false;
    let isWhole = true;
    readings.forEach((reading, index) => {
      const { plan, key } = requests[index]!;
      if (reading instanceof Error) {
        const what = `${plan.id} of ${JSON.stringify(key)}: ${reading.message}`;
        this.options.report("answers-equal-oracle", what);
        return;
      }
      const covered = this.check(reading, requests[index]!, watch(index));
      if (covered.some(({ missing }) => missing !== null)) isWhole = false;
      const { report } = this.options;
      if (!this.isInDoubt(watch(index), consistent)) checkAnswer({ plan, reading, covered, report });
    });
    return isWhole;
  }

  /** Asks for an entity's tiles. */
  private async askHistory(reader: FeatureReader, request: Request, consistent: boolean): Promise<void> {
    const watch = this.watch([request]);
    const reading = await this.answerOf(reader.readHistory(request, { consistent }));
    if (reading === null) return;
    const covered = this.check(reading, request, watch(0));
    if (this.isInDoubt(watch(0), consistent)) return;
    checkHistory({ plan: request.plan, reading, covered, report: this.options.report });
  }

  /** Asks how fresh every view is. */
  private async askFreshness(reader: FeatureReader): Promise<void> {
    const { scheduler, log, losses, table, deleted, begins, report } = this.options;
    const plans = this.options.plans();
    const knownFromMs = scheduler.now() - MEMORY_MS;
    const marked = plans.filter((plan) => losses.hasMarked(plan, knownFromMs));
    const answers = await this.answerOf(reader.freshness(plans));
    if (answers === null) return;
    const nowMs = scheduler.now();
    const items = table.model.items(TABLE);
    const positionsOf = (pk: string) => decodePosition(items.get(pk)?.position?.B ?? NO_POSITION);
    plans.forEach((plan, index) => {
      const missing: ItemEvent[] = [];
      for (const [entity, histories] of log.entities) {
        if (histories[0]!.plan !== plan || losses.isLost(histories)) continue;
        const positions = histories.flatMap(({ pk }) => positionsOf(pk));
        for (const each of splitAtPositions(log, plan, { entity, positions, asOfMs: nowMs, deleted })) {
          if (each.missing !== null) missing.push(each.missing);
        }
      }
      const isMarked = marked.includes(plan) && losses.hasMarked(plan, knownFromMs);
      const reach = reachOf(log, plan, { hash: null, begins });
      const { shards } = log;
      this.answers++;
      this.options.digest.update(JSON.stringify(answers[index]));
      checkViewFreshness({
        plan,
        answer: answers[index]!,
        shards,
        missing,
        nowMs,
        isMarked,
        reach,
        lackedUntil: (untilMs) => losses.lackedBy(plan, null, untilMs),
        isWhole: this.isWhole(plan),
        report,
      });
    });
  }

  /** What is known of entities before they are asked for. */
  private watch(requests: readonly Request[]) {
    const { scheduler, log, losses } = this.options;
    const knownFromMs = scheduler.now() - MEMORY_MS;
    const historiesOf = ({ plan, key }: Request) => log.entities.get(entityKey(plan, key).partition) ?? [];
    // What is rebuilt while the answer is on its way was lost when its items were read.
    const lostBefore = requests.map((request) => losses.isLost(historiesOf(request)));
    return (index: number) => {
      const histories = historiesOf(requests[index]!);
      return {
        isLost: lostBefore[index]! || losses.isLost(histories),
        isMarked: lostBefore[index]! && losses.wasMarked(histories, knownFromMs),
      };
    };
  }

  /** Whether a view lacks nothing, and no write of progress was kept from telling since when. */
  private isWhole(plan: ViewPlan): boolean {
    const { losses, leftOut, table } = this.options;
    const mayFail = PROGRESS_FAULTS.some((name) => table.faults.isEnabled(name));
    return plan !== leftOut && !losses.hasLost(false) && !mayFail;
  }

  /** An eventual read may be of an item from before it was rebuilt, at the same position. */
  private isInDoubt({ isLost }: { readonly isLost: boolean }, consistent: boolean): boolean {
    return isLost || (!consistent && this.options.losses.hasRebuilt);
  }

  /** Checks what every reading says of itself, and finds the events that it must hold. */
  private check(
    reading: EntityReading,
    { plan, key }: Request,
    { isLost, isMarked }: { readonly isLost: boolean; readonly isMarked: boolean },
  ): readonly Covered[] {
    const { scheduler, log, losses, leftOut, deleted, begins, digest, report } = this.options;
    this.answers++;
    digest.update(JSON.stringify(reading));
    const { positions } = reading;
    const entity = entityKey(plan, key).partition;
    const covered = splitAtPositions(log, plan, { entity, positions, asOfMs: reading.asOfMs, deleted });
    const { entity: fields, source } = plan.view;
    const partitionKey = plan.singleWriter ? String(key[fields.indexOf(source.partitionKey)]) : null;
    const hash = partitionKey === null ? null : createHash("md5").update(partitionKey).digest("hex");
    checkFreshness({
      plan,
      reading,
      covered,
      nowMs: scheduler.now(),
      reach: reachOf(log, plan, { hash, begins }),
      lackedUntil: (untilMs) => losses.lackedBy(plan, hash, untilMs),
      isWhole: this.isWhole(plan),
      isLost,
      isMarked,
      isSettled: this.isAtEnd && !losses.hasLost(plan === leftOut),
      report,
    });
    return covered;
  }

  /** An answer, or null where the table was out of reach. */
  private async answerOf<T>(answer: Promise<T>): Promise<T | null> {
    try {
      return await answer;
    } catch (error) {
      if ((error as { code?: unknown }).code !== "STORE_UNAVAILABLE") throw error;
      return null;
    }
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
