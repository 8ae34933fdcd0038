import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RecordBytes } from "../../../lib/engine/decode/record-bytes.ts";
import { TextMemo, UNKNOWN } from "../../../lib/engine/decode/text-memo.ts";
import { MAX_TEXTS, NOT_KEPT, TextTable } from "../../../lib/engine/decode/text-table.ts";

const bytes = new RecordBytes();

/** The number of a text that stands somewhere in a record. */
function numberOf(table: TextTable, text: string, before = ""): number {
  bytes.load({
    data: Buffer.from(`${before}${text}"}`),
    partitionKey: "",
    sequenceNumber: "1",
    approximateArrivalMs: 0,
  });
  return table.numberOf(bytes, before.length, before.length + text.length);
}

describe("TextTable", () => {
  it("gives each text one number, wherever it stands in a record", () => {
    const table = new TextTable();
    const numbers = new Map<string, number>();
    let { generation } = table;
    fc.assert(
      fc.property(
        fc.stringMatching(/^[ -~]{0,70}$/),
        fc.stringMatching(/^[a-z]{0,9}$/),
        fc.boolean(),
        (drawn, before, isShort) => {
          const text = isShort ? drawn.slice(0, 2) : drawn;
          const number = numberOf(table, text, before);
          if (text.length > 64) {
            expect(number).toBe(NOT_KEPT);
            return;
          }
          if (table.generation !== generation) numbers.clear();
          generation = table.generation;
          expect(table.text(number)).toBe(text);
          expect(numbers.get(text) ?? number).toBe(number);
          for (const [other, theirs] of numbers) if (theirs === number) expect(other).toBe(text);
          numbers.set(text, number);
        },
      ),
      { numRuns: 2_000, seed: 20261121 },
    );
  });

  it("lets go of all texts once there are as many as it keeps, and says so", () => {
    const table = new TextTable();
    const first = numberOf(table, "first");
    for (let i = 0; i < MAX_TEXTS; i++) numberOf(table, `other-${i}`);
    const grown = table.generation;
    expect(grown).toBeGreaterThan(0);
    expect(first).toBe(0);
    for (let i = 0; i < MAX_TEXTS + 1; i++) numberOf(table, `more-${i}`);
    expect(table.generation).toBe(grown + 1);
    const last = numberOf(table, `more-${MAX_TEXTS}`);
    expect(table.text(last)).toBe(`more-${MAX_TEXTS}`);
    expect(last).toBeLessThan(MAX_TEXTS);
  });
});

describe("TextMemo", () => {
  it("knows nothing of texts that its table let go of", () => {
    const table = new TextTable();
    const memo = new TextMemo(table);
    const number = numberOf(table, "a");
    expect(memo.get(number)).toBe(UNKNOWN);
    memo.set(number, 0);
    expect(memo.get(number)).toBe(0);
    const { generation } = table;
    for (let i = 0; table.generation === generation; i++) numberOf(table, `other-${i}`);
    expect(memo.get(number)).toBe(UNKNOWN);
    memo.set(number, 7);
    expect(memo.get(number)).toBe(7);
    memo.forget();
    expect(memo.get(number)).toBe(UNKNOWN);
  });
});
