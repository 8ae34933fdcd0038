import { type Environment, refuseVariable, requiredVariable } from "../environment.ts";

export interface HeartbeatEnvironment {
  /** Name, or ARN. */
  readonly stream: string;
  /** The most time between two heartbeats. */
  readonly periodMs: number;
  /** How long an invocation goes on beating: until the next one begins. */
  readonly coverMs: number;
}

/**
 * Reads the heartbeat function's environment: `FRESHET_STREAM` (a name or an ARN), `FRESHET_PERIOD_MS` and
 * `FRESHET_COVER_MS`.
 *
 * @throws FreshetError `OPTION_INVALID`
 */
export function readEnvironment(environment: Environment): HeartbeatEnvironment {
  return {
    stream: requiredVariable(environment, "FRESHET_STREAM"),
    periodMs: wholeMs(environment, "FRESHET_PERIOD_MS"),
    coverMs: wholeMs(environment, "FRESHET_COVER_MS"),
  };
}

function wholeMs(environment: Environment, name: string): number {
  const text = requiredVariable(environment, name);
  const ms = Number(text);
  if (!Number.isSafeInteger(ms) || ms < 1) {
    throw refuseVariable(name, `is ${JSON.stringify(text)}; write a whole number of milliseconds from 1 on.`);
  }
  return ms;
}
