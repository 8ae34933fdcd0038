import { setTimeout as sleep } from "node:timers/promises";
import { ApiError, client } from "../../lib/client/index.ts";
import { payer } from "../soak/definitions.ts";
import type { Delivery } from "../soak/load/payment.ts";

/**
 * Holds the lag that answers report to what they hold (R11): everything that was in the stream before it must be in them.
 * A payment's own `arrivedAt` is earlier: its put takes a while, and a heartbeat of another sender may overtake it.
 */
export interface AccountWatch {
  /** Says that the stream has just taken these. */
  taken(deliveries: readonly Delivery[]): void;
  /** Reads the account again and again. What stops it rejects with what a read failed with. */
  follow(): { stop(): Promise<void> };
  /** Answers that had less than their lag promised. */
  readonly broken: readonly string[];
  readonly looks: number;
}

/** Longer than the API takes to answer anything. */
const TIMEOUT_MS = 30_000;
const PAUSE_MS = 50;

export function watchAccount(url: string, account: string): AccountWatch {
  const api = client(payer, { url, timeoutMs: TIMEOUT_MS, attempts: 1 });
  /** When the stream had taken each of the account's payments, repeats once. */
  const takenAtMs: number[] = [];
  const broken: string[] = [];
  let looks = 0;

  /** Reads once; an answer that there is too much to do is none. */
  async function look(): Promise<void> {
    const known = [...takenAtMs];
    const answers = await api.features({ keys: { account } }).catch((error: unknown) => {
      if (error instanceof ApiError && (error.status === 429 || error.status === 503)) return null;
      throw error;
    });
    if (answers === null) return;
    const { account: answer } = answers;
    looks += 1;
    const { lagMs, features, status } = answer;
    if (lagMs === null) {
      if (status !== "unknown") broken.push(`lag is unknown, and the status is ${status}`);
      return;
    }
    const throughMs = Date.parse(answer.asOf) - lagMs;
    const promised = known.filter((atMs) => atMs < throughMs).length;
    const held = features.payments_lifetime ?? 0;
    if (held < promised)
      broken.push(`${held} payments are in an answer whose lag of ${lagMs} ms promises ${promised}`);
    if (lagMs > answer.slaMs && (status === "fresh" || status === "warming"))
      broken.push(`lag is ${lagMs} ms, beyond the SLA, and the status is ${status}`);
  }
  return {
    taken(deliveries) {
      const nowMs = Date.now();
      for (const { fate, payment } of deliveries) {
        if (payment.account === account && (fate === "counts" || fate === "late")) takenAtMs.push(nowMs);
      }
    },
    follow() {
      let isStopped = false;
      const running = (async () => {
        while (!isStopped) {
          await look();
          await sleep(PAUSE_MS);
        }
      })();
      running.catch(() => {});
      return {
        async stop() {
          isStopped = true;
          await running;
        },
      };
    },
    broken,
    get looks() {
      return looks;
    },
  };
}
