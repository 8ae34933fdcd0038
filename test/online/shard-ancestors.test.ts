import { expect, it } from "vitest";
import type { ControlShard } from "../../lib/online/control.ts";
import { withAncestors } from "../../lib/online/shard-ancestors.ts";

it("names the shards that a shard came of at any remove, each once, those that are not listed any more too", () => {
  const parentsOf: Readonly<Record<string, readonly string[]>> = {
    b: ["gone"],
    c: ["b"],
    d: ["b"],
    e: ["c", "d"],
    f: ["e"],
    aside: [],
  };
  const listed = new Map(
    Object.entries(parentsOf).map(([writer, parents]): [string, ControlShard] => [
      writer,
      { writer, parents, hashRange: { start: "0", end: "f" }, open: false, closedMs: null },
    ]),
  );
  const ancestorsOf = (writer: string) => [...withAncestors(listed.get(writer)!, listed).ancestors].sort();
  expect(ancestorsOf("f")).toEqual(["b", "c", "d", "e", "gone"]);
  expect(ancestorsOf("b")).toEqual(["gone"]);
  expect(ancestorsOf("aside")).toEqual([]);
});
