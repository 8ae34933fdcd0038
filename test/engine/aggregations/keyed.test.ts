import { describe, expect, it } from "vitest";
import type { AggregationCall } from "../../../lib/define/aggregation-call.ts";
import type { ColumnKind } from "../../../lib/engine/aggregations/column-kind.ts";
import { aggregationOf, bytesOf, partialOf } from "./column-fixtures.ts";

const DAY_MS = 86_400_000;
const MAX_KEYS = 256;
const call: AggregationCall = {
  name: "last",
  value: { kind: "field", field: "value" },
  where: null,
  parameters: {},
  by: { field: "shop", maxKeys: MAX_KEYS },
};
const kind = aggregationOf(call).columns(call, { kind: "lifetime" })[0]!.kind as ColumnKind;

describe("values by key", () => {
  it("grow by no more than their bound on growth where a full row ages, which lengthens the times of every key", () => {
    const partial = partialOf(
      kind,
      Array.from({ length: MAX_KEYS }, (_, index) => {
        return { key: `k${index}`, value: 1, eventTimeMs: 0, identityHigh: 0, identityLow: 0 };
      }),
    );
    const growth = bytesOf(kind, partial, -30 * DAY_MS).length - bytesOf(kind, partial, 0).length;
    // A 0 becomes a number of five bytes: more than a key, its count and its partial take at most.
    expect(growth).toBe(4 * MAX_KEYS);
    expect(growth).toBeLessThanOrEqual(kind.maxGrowthBytes!);
  });
});
