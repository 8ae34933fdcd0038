import type { FaultInjector } from "../faults/injector.ts";
import { createRandom } from "../random.ts";
import type { Scheduler } from "../scheduler.ts";

/** Whoever sends requests: a process that folds, the event source mapping, a reader. */
export interface Caller {
  /** Names the next call among all of a world, the same whenever the caller does the same. */
  nextCall(site: string): string;
  /** It crashed: no answer reaches it any more. */
  readonly isGone: boolean;
  /** Dies here; absent: it does not crash. */
  readonly crash?: (site: string, moment: CrashMoment) => void;
  /** Whether its release is rolled back at once where it times out. */
  readonly isHasty?: () => boolean;
  /** Whether its calls take long: it is at work as invocations of the release before it go on. */
  readonly isDrawnOut?: () => boolean;
  /** After how long the platform gives up its invocation; absent: it has no limit. */
  readonly timeoutMs?: number;
}

/** Before the request left, or after it was carried out. */
export type CrashMoment = "before" | "after";

/** What goes wrong with one request. */
export type TripFault =
  /** It is answered by an error, and not carried out. */
  | { readonly kind: "refused"; readonly error: Error }
  /** It is answered at once, and not carried out. */
  | { readonly kind: "answered"; readonly output: object }
  /** Its answer never comes; the caller gives up waiting. */
  | { readonly kind: "unanswered"; readonly error: Error; readonly applied: "never" | "at-once" | "later" }
  /** It is carried out twice, and the second answer is the one that comes. */
  | { readonly kind: "repeated" };

export interface Trip<Output> {
  readonly caller: Caller;
  /** Which await of the code it is. */
  readonly site: string;
  /** Carries the request out, when it arrives. */
  readonly apply: (call: string) => Output;
  readonly faultOf?: (call: string) => TripFault | null;
  /** It goes nowhere, and takes so long: a wait. */
  readonly takesMs?: number;
}

/** The SDK's limit on a request. */
const REQUEST_TIMEOUT_MS = 5_000;
const LATEST_WRITE_MS = 90_000;

/** Carries requests and answers, each taking the time that the seed draws: so calls overtake one another. */
export class Network {
  constructor(
    private readonly options: {
      readonly seed: number;
      readonly scheduler: Scheduler;
      readonly faults: FaultInjector;
      /** Every request takes the same time. */
      readonly isSteady: boolean;
    },
  ) {}

  send<Output>({ caller, site, apply, faultOf, takesMs }: Trip<Output>): Promise<Output> {
    const { seed, scheduler, faults, isSteady } = this.options;
    const call = caller.nextCall(site);
    const random = createRandom(seed, "call", call);
    const travelMs = () => (isSteady ? 4 : drawTravelMs(random.next(), random.next()));

    return new Promise((resolve, reject) => {
      const answer = (delayMs: number, settle: () => void) => {
        const pauseMs = this.pauseMs(caller, call);
        scheduler.after(delayMs + pauseMs, `${call} answered`, () => {
          if (caller.isGone) return;
          if (caller.crash !== undefined && faults.fires("crash", `${call}/after`)) {
            caller.crash(site, "after");
            return;
          }
          settle();
        });
      };
      const carryOut = (settle: (how: () => void) => void) => {
        let output: Output;
        try {
          output = apply(call);
        } catch (error) {
          settle(() => reject(error));
          return;
        }
        settle(() => resolve(output));
      };
      const ignoreAnswer = () => {};

      if (takesMs !== undefined) {
        answer(takesMs, () => resolve(apply(call)));
        return;
      }

      scheduler.after(travelMs(), `${call} sent`, () => {
        if (caller.isGone) {
          // It had left before its sender died, or not.
          if (random.chance(0.5)) carryOut(ignoreAnswer);
          return;
        }
        if (caller.crash !== undefined && faults.fires("crash", `${call}/before`)) {
          caller.crash(site, "before");
          return;
        }
        const fault = faultOf?.(call) ?? null;
        if (fault === null) {
          carryOut((how) => answer(travelMs(), how));
        } else if (fault.kind === "refused") {
          answer(travelMs(), () => reject(fault.error));
        } else if (fault.kind === "answered") {
          answer(travelMs(), () => resolve(fault.output as Output));
        } else if (fault.kind === "repeated") {
          carryOut(ignoreAnswer);
          scheduler.after(travelMs(), `${call} sent again`, () => carryOut((how) => answer(travelMs(), how)));
        } else {
          if (fault.applied === "at-once") carryOut(ignoreAnswer);
          if (fault.applied === "later") {
            scheduler.after(
              random.between(REQUEST_TIMEOUT_MS / 2, LATEST_WRITE_MS),
              `${call} arrived late`,
              () => carryOut(ignoreAnswer),
            );
          }
          answer(REQUEST_TIMEOUT_MS, () => reject(fault.error));
        }
      });
    });
  }

  private pauseMs(caller: Caller, call: string): number {
    const { seed, faults } = this.options;
    const between = (low: number, high: number) => createRandom(seed, "pause", call).between(low, high);
    const { timeoutMs } = caller;
    if (timeoutMs !== undefined && faults.fires("timed-out-invocation", call)) {
      return timeoutMs + between(0, 2 * timeoutMs);
    }
    if (timeoutMs !== undefined && caller.isHasty?.() === true && faults.fires("hasty-rollback", call)) {
      return timeoutMs + between(0, 3 * timeoutMs);
    }
    if (caller.isDrawnOut?.() === true) return Math.max(0, between(-1_500, 1_500));
    return faults.fires("slow-call", call) ? between(500, 4_000) : 0;
  }
}

/** Milliseconds, mostly; now and then ten or a hundred times as long. */
function drawTravelMs(scale: number, share: number): number {
  if (scale < 0.75) return 1 + share * 9;
  return scale < 0.96 ? 10 + share * 90 : 100 + share * 400;
}
