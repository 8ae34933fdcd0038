import { FreshetError } from "../lib/define/error.ts";

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws FreshetError `OPTION_INVALID` when the variable is not set. */
export function requiredVariable(environment: Environment, name: string): string {
  const value = environment[name];
  if (value === undefined || value === "") throw refuseVariable(name, "is not set.");
  return value;
}

/** The error of a variable that is not as it must be. */
export function refuseVariable(name: string, problem: string, cause?: unknown): FreshetError {
  return new FreshetError("OPTION_INVALID", `environment variable ${name} ${problem}`, { cause });
}
