import { heartbeatPlan } from "../constructs/heartbeat-plan.ts";

/** When heartbeats are due: every period from the first on. */
export interface HeartbeatSchedule {
  readonly nextMs: number;
  /**
   * Leaves out what is due long before a time, if nothing happens on the way: of many heartbeats on end only the last can
   * be told apart. Some are left all the same, for a shard that was silent for its retention may have lost records.
   */
  skipTo(ms: number): void;
  /** Sends one, and makes the next due a period later. */
  beat(): Promise<void>;
}

/** Beats as often as a deployment does. */
export function createHeartbeatSchedule(options: {
  readonly firstMs: number;
  /** The tightest SLA of the views over the stream. */
  readonly slaMs: number;
  readonly retentionMs: number;
  /** Sends to every open shard of the stream. */
  readonly send: (sentAtMs: number) => Promise<unknown>;
}): HeartbeatSchedule {
  const { periodMs } = heartbeatPlan(options.slaMs);
  const longestGap = Math.max(1, Math.floor(options.retentionMs / 2 / periodMs));
  let nextMs = options.firstMs;
  let lastMs = nextMs - periodMs;
  return {
    get nextMs() {
      return nextMs;
    },
    skipTo(ms) {
      // Two are left before it, so that progress never stands more than a period behind.
      const gap = Math.min(longestGap, Math.floor((ms - lastMs) / periodMs) - 2);
      nextMs = Math.max(nextMs, lastMs + gap * periodMs);
    },
    async beat() {
      lastMs = nextMs;
      nextMs += periodMs;
      await options.send(lastMs);
    },
  };
}
