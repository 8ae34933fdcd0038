import type { Clock } from "../engine/ports/clock.ts";

/** Keeps the progress of idle shards known (R11). */
export interface Heartbeats {
  /** Sends what is due by the clock. */
  beatIfDue(): Promise<void>;
  /** Sends to every stream, due or not. */
  beatNow(): Promise<void>;
  /** Heartbeats sent so far. */
  readonly sent: number;
  /** Waits for those under way, and sends none any more. */
  stop(): Promise<void>;
}

export interface HeartbeatTarget {
  /** Sends a heartbeat to every open shard of a stream; resolves to their number. */
  readonly beat: (sentAtMs: number) => Promise<number>;
  /** The tightest SLA of the views over the stream. */
  readonly slaMs: number;
}

/** A heartbeat is due after a quarter of the SLA and looked for every twelfth: at most a third passes between two. */
const DUE_PART = 4;
const LOOK_PART = 12;

/** The longest and shortest time between two looks at the clock. */
const MAX_LOOK_MS = 60_000;
const MIN_LOOK_MS = 10;

/**
 * Sends heartbeats so that at most a third of a stream's tightest SLA passes between two, by the clock. An injected
 * clock may run ahead of the timer: whoever moves it calls `beatIfDue` or `beatNow`.
 */
export function startHeartbeats(options: {
  readonly targets: readonly HeartbeatTarget[];
  readonly clock: Clock;
  /** Told of a heartbeat that could not be sent; the next is tried all the same. */
  readonly onFailure: (error: unknown) => void;
}): Heartbeats {
  const { targets, clock, onFailure } = options;
  const lastSentMs = new Map<HeartbeatTarget, number>();
  let sent = 0;

  const send = async (target: HeartbeatTarget) => {
    const nowMs = clock.now();
    const previousMs = lastSentMs.get(target);
    lastSentMs.set(target, nowMs);
    try {
      const shards = await target.beat(nowMs);
      sent += shards;
    } catch (error) {
      // Due again at the next look.
      if (previousMs === undefined) lastSentMs.delete(target);
      else lastSentMs.set(target, previousMs);
      throw error;
    }
  };
  const isDue = (target: HeartbeatTarget) =>
    clock.now() - (lastSentMs.get(target) ?? Number.NEGATIVE_INFINITY) >= target.slaMs / DUE_PART;
  const beatIfDue = async () => {
    await Promise.all(targets.filter(isDue).map(send));
  };

  const tightestMs = Math.min(...targets.map(({ slaMs }) => slaMs));
  const lookMs = Math.min(MAX_LOOK_MS, Math.max(MIN_LOOK_MS, Math.floor(tightestMs / LOOK_PART)));
  let underWay: Promise<void> = Promise.resolve();
  const look = () => {
    underWay = Promise.all([underWay, beatIfDue().catch(onFailure)]).then(() => {});
  };
  const timer = targets.length === 0 ? null : setInterval(look, lookMs);
  return {
    beatIfDue,
    async beatNow() {
      await Promise.all(targets.map(send));
    },
    get sent() {
      return sent;
    },
    async stop() {
      if (timer !== null) clearInterval(timer);
      await underWay;
    },
  };
}
