import { describe, expect, it } from "vitest";
import { foldEvents } from "../../lib/engine/fold.ts";
import { planView } from "../../lib/engine/plan.ts";
import { readFeatures } from "../../lib/engine/read.ts";
import { featureValue } from "../../lib/serve/answers.ts";
import { START_MS, sourceEvents, WRITER } from "../engine/fold-fixtures.ts";
import {
  calls,
  furtherCalls,
  HOUR_MS,
  keyedCalls,
  session,
  sliding,
  viewOf,
} from "../engine/view-fixtures.ts";

const view = viewOf({ ...calls, ...furtherCalls, ...keyedCalls }, [
  sliding(HOUR_MS),
  session(60_000, HOUR_MS),
]);
const plan = planView(view);

function valuesOf(merchants: readonly string[]) {
  const records = merchants.map((merchant, index) => {
    const row = { id: `e${index}`, card: "c1", amount: index * 30, merchant, at: START_MS };
    return { row, eventTimeMs: START_MS + index, arrivalMs: START_MS + index, id: row.id };
  });
  const { item } = foldEvents({ plan, writer: WRITER, item: undefined, events: sourceEvents(records) });
  const items = item === undefined ? [] : [{ writer: WRITER, image: item.image }];
  return readFeatures(plan, items, START_MS + 1_000).values;
}

describe("the features of an answer", () => {
  it.each([
    ["many events", ["m1", "m2", "m3", "m4", "m1", "constructor", "__proto__", "9"]],
    ["one event", ["m1"]],
    ["none", []],
  ])("are what the schema of the API says, and JSON keeps them whole: %s", (_, merchants) => {
    const values = valuesOf(merchants);
    for (const [index, value] of values.entries()) {
      const { name } = plan.features[index]!.feature;
      expect(featureValue.safeParse(value), name).toMatchObject({ success: true });
      expect(JSON.parse(JSON.stringify(value)), name).toEqual(value);
    }
    const kinds = new Set(values.map((value) => (Array.isArray(value) ? "list" : typeof value)));
    expect(kinds.has("object")).toBe(true);
    expect(kinds.has("list")).toBe(merchants.length > 0);
  });

  it("are no lists of lists, and no keys without a count of what overflowed", () => {
    for (const wrong of [[[1]], { values: { a: 1 } }, [{ value: 1 }], undefined, { overflowed: 0 }]) {
      expect(featureValue.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false);
    }
  });
});
