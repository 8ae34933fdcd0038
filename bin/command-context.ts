import type { Clock } from "../lib/engine/ports/clock.ts";
import type { Output } from "./output.ts";

/** What a command works with. */
export interface CommandContext {
  readonly output: Output;
  readonly clock: Clock;
  /** Aborted when the user has seen enough. */
  readonly interrupted: AbortSignal;
  /** Sets the exit code of a command that has printed what it has to say. */
  exitWith(code: number): void;
}
