import { describe, expect, test } from "vitest";
import { pairUp, predecessorOf, settingChanges } from "../../bin/diff/difference.ts";

const of = (...versions: number[]) => versions.map((version) => ({ name: "card", version }));
const other = { name: "shop", version: 8 };

describe("what a version that was not there before replaces", () => {
  test.each<[string, number[], number[], number, number | undefined]>([
    ["the one that is gone, though a later one stays", [1, 2], [2, 3], 3, 1],
    ["the latest of those that are gone", [1, 3, 2], [4], 4, 3],
    ["the latest of all where none is gone", [1, 3, 2], [1, 2, 3, 4], 4, 3],
    ["nothing where there was none", [], [1], 1, undefined],
  ])("%s", (_, from, to, version, expected) => {
    const found = predecessorOf({ name: "card", version }, [other, ...of(...from)], [...of(...to), other]);
    expect(found).toEqual(expected === undefined ? undefined : { name: "card", version: expected });
  });
});

test("pairs by name in the order of the new ones, what was removed last", () => {
  const named = (name: string, side: string) => ({ name, side });
  expect(
    pairUp(
      [named("a", "old"), named("b", "old"), named("c", "old")],
      [named("d", "new"), named("c", "new"), named("a", "new")],
      ({ name }) => name,
    ).map(({ from, to }) => [from?.name, from?.side, to?.name, to?.side]),
  ).toEqual([
    [undefined, undefined, "d", "new"],
    ["c", "old", "c", "new"],
    ["a", "old", "a", "new"],
    ["b", "old", undefined, undefined],
  ]);
});

test("settings are compared by what they hold, and only those that are asked for", () => {
  const from = { list: [1, 2], text: "a", ignored: 1 };
  expect(settingChanges(from, { list: [1, 2], text: "b", ignored: 2 }, ["list", "text"])).toEqual([
    { name: "text", from: "a", to: "b" },
  ]);
  expect(settingChanges(from, { ...from, list: [2, 1] }, ["list", "text"])).toEqual([
    { name: "list", from: [1, 2], to: [2, 1] },
  ]);
});
