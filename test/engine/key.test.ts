import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FreshetError } from "../../lib/define/error.ts";
import type { Scalar } from "../../lib/define/where.ts";
import { entityKey, itemKey, LONGEST_KEY_BYTES } from "../../lib/engine/key.ts";
import { planView, type ViewPlan } from "../../lib/engine/plan.ts";
import { HOUR_MS, paymentsView, sliding } from "./view-fixtures.ts";

/** The key's fields only count and have names here: values are given by hand. */
const planOf = (fields: number, version = 1): ViewPlan =>
  planView(
    paymentsView([sliding(HOUR_MS)], {
      entity: Array.from({ length: fields }, (_, index) => `k${index}`),
      version,
    }),
  );
const plans = [0, 1, 2, 3, 4].map((fields) => planOf(fields));

const scalar: fc.Arbitrary<Scalar> = fc.oneof(
  fc.constantFrom<Scalar>("", "|", "%", "%7C", "%25", "s", "|s", "1", 1, true, "true", "b1", "n1", "#", "@"),
  fc.string({ unit: "grapheme", maxLength: 5 }),
  fc.stringMatching(/^[|%sn17Cb]{0,6}$/),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.boolean(),
);
const keys = fc.array(scalar, { maxLength: 4 });

/** Equal as keys: of one type and value, -0 being 0. */
const same = (left: readonly Scalar[], right: readonly Scalar[]) =>
  left.length === right.length && left.every((value, index) => value === right[index]);

function codeOf(use: () => unknown): string | null {
  try {
    use();
    return null;
  } catch (error) {
    return (error as FreshetError).code;
  }
}

describe("entityKey", () => {
  it("gives one text to one key, and no text to two", () => {
    fc.assert(
      fc.property(keys, keys, (left, right) => {
        const text = (values: readonly Scalar[]) => entityKey(plans[values.length]!, values).partition;
        expect(text(left) === text(right)).toBe(same(left, right));
      }),
      { numRuns: 5_000, seed: 20260401 },
    );
  });

  it("keeps apart what only escaping, types and counts of fields tell apart", () => {
    const groups: Scalar[][] = [
      ["a|b"],
      ["a", "b"],
      ["a%7Cb"],
      ["a%257Cb"],
      ["a|", "b"],
      ["a", "|b"],
      ["a|sb"],
      ["1"],
      [1],
      [true],
      ["true"],
      ["b1"],
      [""],
      ["", ""],
      [],
    ];
    const texts = groups.map((values) => entityKey(plans[values.length]!, values).partition);
    expect(new Set(texts).size).toBe(groups.length);
    expect(entityKey(plans[1]!, ["A7|3"])).toEqual({ partition: "card@1|sA7%7C3", original: null });
    expect(entityKey(plans[1]!, [-0])).toEqual(entityKey(plans[1]!, [0]));
    expect(entityKey(planOf(1, 2), ["a"]).partition).not.toBe(entityKey(plans[1]!, ["a"]).partition);
  });

  it("hashes a key over 1 KB, and keeps the key itself", () => {
    const plan = plans[2]!;
    // `card@1|s` and `|b1` around the text.
    const fits = "x".repeat(1024 - 11);
    expect(entityKey(plan, [fits, true])).toEqual({ partition: `card@1|s${fits}|b1`, original: null });
    const original = `card@1|s${fits}x|b1`;
    const digest = createHash("sha256").update(original).digest("hex");
    expect(entityKey(plan, [`${fits}x`, true])).toEqual({ partition: `card@1|#${digest}`, original });
    // Three bytes a character: short in characters, long in bytes.
    const wide = "字".repeat(342);
    expect(entityKey(plan, [wide, true]).original).toBe(`card@1|s${wide}|b1`);
    fc.assert(
      fc.property(keys, keys, (left, right) => {
        const longKey = (values: readonly Scalar[]) => {
          const padded = ["p".repeat(1_100), ...values].slice(0, 4);
          return { padded, key: entityKey(plans[padded.length]!, padded) };
        };
        const [a, b] = [longKey(left), longKey(right)];
        expect(Buffer.byteLength(a.key.partition)).toBeLessThan(100);
        expect(a.key.partition === b.key.partition).toBe(same(a.padded, b.padded));
        expect(a.key.original === b.key.original).toBe(same(a.padded, b.padded));
      }),
      { numRuns: 500, seed: 20260402 },
    );
  });

  it("refuses what cannot name an item", () => {
    const plan = plans[1]!;
    const refused: [readonly unknown[], string][] = [
      [["\ud800"], "ENTITY_KEY_INVALID"],
      [["a\udc00b"], "ENTITY_KEY_INVALID"],
      [["\udc00\ud800"], "ENTITY_KEY_INVALID"],
      [[Number.NaN], "ENTITY_KEY_INVALID"],
      [[Number.POSITIVE_INFINITY], "ENTITY_KEY_INVALID"],
      [[null], "ENTITY_KEY_INVALID"],
      [[undefined], "ENTITY_KEY_INVALID"],
      [[{}], "ENTITY_KEY_INVALID"],
      [[], "ENTITY_KEY_INVALID"],
      [["a", "b"], "ENTITY_KEY_INVALID"],
      [["x".repeat(LONGEST_KEY_BYTES)], "ENTITY_KEY_TOO_LONG"],
    ];
    for (const [values, code] of refused) {
      const use = () => entityKey(plan, values as Scalar[]);
      expect(use, JSON.stringify(values).slice(0, 40)).toThrow(FreshetError);
      expect(codeOf(use)).toBe(code);
    }
    expect(entityKey(plan, ["\ud83d\ude00"]).partition).toBe("card@1|s😀");
  });

  it("takes every well-formed text, and only those", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.nat({ max: 0xffff }), (text, unit) => {
        const mixed = text + String.fromCharCode(unit) + text;
        // A lone surrogate does not come back from UTF-8.
        const isWellFormed = Buffer.from(mixed).toString() === mixed;
        expect(codeOf(() => entityKey(plans[1]!, [mixed]))).toBe(isWellFormed ? null : "ENTITY_KEY_INVALID");
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("itemKey", () => {
  it("adds the writer of a many-writer view, past what any key can be", () => {
    const key = entityKey(plans[1]!, ["a"]);
    expect(itemKey(key, null)).toBe("card@1|sa");
    expect(itemKey(key, "00c0ffee/shardId-000000000001")).toBe("card@1|sa|@00c0ffee/shardId-000000000001");
    fc.assert(
      fc.property(keys, keys, (left, right) => {
        const withWriter = itemKey(entityKey(plans[left.length]!, left), "00c0ffee/shardId-000000000001");
        expect(withWriter).not.toBe(entityKey(plans[right.length]!, right).partition);
      }),
    );
  });
});
