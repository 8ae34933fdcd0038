import { expect, test } from "vitest";
import { eventHash } from "../../../examples/flights/check/event-hash.ts";
import { hashText } from "../../../lib/engine/hash.ts";

test("the recount's order of events of a minute is the engine's, for ids of every length", () => {
  const engine = { high: 0, low: 0 };
  for (const id of ["", "a", "a0", "a12", "a345", "a2079678", "abcdefghijkl", "abcdefghijklmno"]) {
    hashText(id, engine);
    expect(eventHash(id), id).toBe((BigInt(engine.high) << 32n) | BigInt(engine.low));
  }
});

test("an id of a whole block is refused", () => {
  expect(() => eventHash("abcdefghijklmnop")).toThrow(RangeError);
});
