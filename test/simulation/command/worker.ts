import { parentPort } from "node:worker_threads";
import type { FaultName } from "../faults/registry.ts";
import { parseSchedule, scheduleText } from "../schedule-text.ts";
import { shrink } from "../shrink.ts";
import { simulate, type WorldResult } from "../simulate.ts";

/** What a worker is asked. */
export type Request =
  | {
      readonly kind: "run";
      readonly seed: number;
      readonly only: readonly FaultName[];
      readonly schedule: string | null;
    }
  | {
      readonly kind: "shrink";
      readonly seed: number;
      readonly only: readonly FaultName[];
      readonly invariant: string;
    };

/** What it answers. */
export type Response =
  | { readonly kind: "run"; readonly result: WorldResult }
  | {
      readonly kind: "shrink";
      readonly result: WorldResult;
      readonly only: readonly FaultName[];
      readonly schedule: string;
      readonly runs: number;
    };

// A stack costs more than the error that it is of, and throttled calls are errors.
Error.stackTraceLimit = 0;

async function answer(request: Request): Promise<Response> {
  const { seed } = request;
  const only = request.only.length === 0 ? {} : { only: request.only };
  if (request.kind === "shrink") {
    const {
      result,
      schedule,
      runs,
      only: kinds,
    } = await shrink({ seed, ...only, invariant: request.invariant });
    return { kind: "shrink", result, only: kinds, schedule: scheduleText(schedule), runs };
  }
  const schedule = request.schedule === null ? {} : { schedule: parseSchedule(request.schedule) };
  return { kind: "run", result: await simulate({ seed, ...only, ...schedule }) };
}

parentPort?.on("message", (request: Request) => {
  void answer(request).then((response) => parentPort!.postMessage(response));
});
