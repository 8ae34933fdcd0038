import type { KinesisStreamBatchResponse, KinesisStreamEvent } from "aws-lambda";
import { shardIdOf } from "../../../functions/aggregate/kinesis-event.ts";
import { type FaultInjector, firingId } from "../faults/injector.ts";
import { createRandom } from "../random.ts";
import type { Scheduler } from "../scheduler.ts";
import { ExecutionEnvironment, type Invocation } from "./execution-environment.ts";
import type { CrashMoment } from "./network.ts";

const CLOCK_SKEW_MS = 2 * 60_000;

export interface LambdaOptions {
  readonly seed: number;
  readonly scheduler: Scheduler;
  readonly faults: FaultInjector;
  readonly timeoutMs: number;
  /** How many processes wait for work at most. */
  readonly processes: number;
  /** Makes the handler that a process runs. */
  readonly start: (environment: ExecutionEnvironment) => ExecutionEnvironment["handler"];
  readonly onCrash: (environment: ExecutionEnvironment, site: string, moment: CrashMoment) => void;
  readonly onBegin: (environment: ExecutionEnvironment, invocation: Invocation) => void;
  /** Whether a release is rolled back as soon as an invocation of it times out. */
  readonly isHasty: (release: number) => boolean;
  /** Whether a release is what another was rolled back to in haste. */
  readonly isDrawnOut: (release: number) => boolean;
  readonly onTimeout: (environment: ExecutionEnvironment) => void;
  /** Told when a handler has answered, whether or not anyone still waits for it. */
  readonly onEnd: (
    environment: ExecutionEnvironment,
    invocation: Invocation,
    response: KinesisStreamBatchResponse,
  ) => void;
}

/** Lambda, as an event source mapping sees it: any process may get any shard's batch. */
export class Lambda {
  /** Which release new processes run. */
  release = 0;
  /** Handlers that have not answered, those that ran past their limit among them. */
  running = 0;
  private idle: ExecutionEnvironment[] = [];
  private processes = 0;
  private readonly invocations = new Map<string, number>();
  private readonly doomed = new Map<string, boolean>();

  constructor(private readonly options: LambdaOptions) {}

  /** Gives every further batch to processes of the next release; those at work finish what they have. */
  deploy(): void {
    this.release++;
    for (const environment of this.idle) environment.isRetired = true;
    this.idle = [];
  }

  /** Invokes the function with a batch, as the mapping does. */
  readonly invoke = async (event: KinesisStreamEvent): Promise<KinesisStreamBatchResponse> => {
    const { faults } = this.options;
    const id = this.nameInvocation(event);
    if (faults.fires("double-invocation", id)) this.begin(event, `${id}+`).catch(() => {});
    const isSplit = faults.isEnabled("bisected-batch") && event.Records.length > 1;
    const noteSplit = () => faults.note("bisected-batch", firingId("bisected-batch", id));
    let response: KinesisStreamBatchResponse;
    try {
      response = await this.begin(event, id, this.isDoomed(event));
    } catch (error) {
      if (isSplit) noteSplit();
      throw error;
    }
    if (response.batchItemFailures.length > 0) {
      if (!failsWhole(event, response)) faults.saw("partial-batch-response");
      else if (isSplit) noteSplit();
    }
    if (faults.fires("redelivery", id)) throw new Error("the invocation's answer was lost");
    return response;
  };

  private nameInvocation(event: KinesisStreamEvent): string {
    const shardId = shardIdOf(event.Records[0]!);
    const shard = Number(shardId.slice(shardId.indexOf("-") + 1));
    const count = (this.invocations.get(shardId) ?? 0) + 1;
    this.invocations.set(shardId, count);
    return `s${shard}#${count}`;
  }

  /** Whether every process that gets this batch dies half-way, until the mapping gives it up. */
  private isDoomed(event: KinesisStreamEvent): boolean {
    const { eventID } = event.Records[0]!;
    let doomed = this.doomed.get(eventID);
    if (doomed === undefined) {
      doomed = this.options.faults.fires("lost-batch", eventID);
      this.doomed.set(eventID, doomed);
    }
    return doomed && !this.options.faults.isCalm;
  }

  private begin(
    event: KinesisStreamEvent,
    id: string,
    isDoomed = false,
  ): Promise<KinesisStreamBatchResponse> {
    const { seed, scheduler, timeoutMs, onBegin, onEnd } = this.options;
    const environment = this.take(id);
    if (isDoomed) {
      scheduler.after(createRandom(seed, "doom", id).between(5, 250), `${id} doomed`, () => {
        if (environment.invocation?.id === id) environment.kill();
      });
    }
    return new Promise((resolve, reject) => {
      const limit = scheduler.after(timeoutMs, `${id} timed out`, () => {
        environment.isRetired = true;
        this.options.faults.saw("timed-out-invocation");
        this.options.onTimeout(environment);
        reject(new Error(`Task timed out after ${timeoutMs / 1000} seconds`));
      });
      const invocation: Invocation = {
        id,
        event,
        reject: (error) => {
          limit.cancel();
          this.running--;
          reject(error);
        },
      };
      this.running++;
      onBegin(environment, invocation);
      void environment.run(invocation, (response) => {
        limit.cancel();
        this.running--;
        onEnd(environment, invocation, response);
        this.giveBack(environment);
        resolve(response);
      });
    });
  }

  private take(id: string): ExecutionEnvironment {
    const { seed, faults, start, timeoutMs, onCrash } = this.options;
    const { release } = this;
    const random = createRandom(seed, "process", id);
    let environment: ExecutionEnvironment;
    // One may have died of a call that was still on its way as its handler answered.
    this.idle = this.idle.filter(({ isGone }) => !isGone);
    if (this.idle.length === 0 || faults.fires("cold-start", id)) {
      environment = new ExecutionEnvironment(`p${++this.processes}`, {
        timeoutMs,
        release,
        isHasty: () => release === this.release && this.options.isHasty(release),
        isDrawnOut: () => this.options.isDrawnOut(release),
        onCrash,
      });
      environment.handler = start(environment);
    } else {
      environment = this.idle.splice(random.below(this.idle.length), 1)[0]!;
    }
    if (faults.fires("clock-skew", id)) {
      environment.skewMs = Math.floor(random.between(-CLOCK_SKEW_MS, CLOCK_SKEW_MS));
    }
    return environment;
  }

  private giveBack(environment: ExecutionEnvironment): void {
    if (environment.isGone || environment.isRetired || environment.options.release !== this.release) return;
    this.idle.push(environment);
    if (this.idle.length > this.options.processes) this.idle.shift();
  }
}

function failsWhole(event: KinesisStreamEvent, { batchItemFailures }: KinesisStreamBatchResponse): boolean {
  const first = event.Records[0]!.kinesis.sequenceNumber;
  return batchItemFailures.some(({ itemIdentifier }) => itemIdentifier === first);
}
