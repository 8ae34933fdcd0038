import { randomUUID } from "node:crypto";

/** Where request ids come from. Injected, so that tests know them. */
export interface Randomness {
  /** A UUID of version 4. */
  uuid(): string;
}

/** The machine's generator. */
export const systemRandomness: Randomness = { uuid: () => randomUUID() };
