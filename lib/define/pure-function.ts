import { refuse } from "./refuse.ts";

/** Functions that answer a promise or an iterator, which is true whatever it holds, and no value. */
const NOT_AT_ONCE: Readonly<Record<string, string>> = {
  "[object AsyncFunction]": "an async",
  "[object GeneratorFunction]": "a generator",
  "[object AsyncGeneratorFunction]": "an async generator",
};

/**
 * Refuses a user's function that cannot return its value at once (R14).
 *
 * @throws FreshetError `DEFINITION_INVALID`
 */
export function checkReturnsAtOnce(place: string, option: string, given: unknown): void {
  if (typeof given !== "function") return;
  const kind = NOT_AT_ONCE[Object.prototype.toString.call(given)];
  if (kind !== undefined) {
    refuse(place, `${option} is ${kind} function; write a plain function, which returns its value at once.`);
  }
}
