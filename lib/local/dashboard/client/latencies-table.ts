import type { LatencyRow } from "../snapshot.ts";
import { byId, element, setText } from "./element.ts";
import { count, duration } from "./format.ts";
import { keyedChildren } from "./keyed-children.ts";

/** Fills the table of latencies. */
export function latenciesTable(): (rows: readonly LatencyRow[]) => void {
  return keyedChildren({
    parent: byId("latencies"),
    keyOf: ({ name }: LatencyRow) => name,
    create: ({ name }) =>
      element(
        "tr",
        {},
        element("th", { scope: "row" }, name, element("span", { class: "note" })),
        ...[0, 1, 2].map(() => element("td", { class: "number" })),
      ),
    update(row, { p50Ms, p95Ms, p99Ms, failed }) {
      [p50Ms, p95Ms, p99Ms].forEach((ms, index) => {
        setText(row.cells[index + 1]!, duration(ms));
      });
      setText(row.querySelector(".note")!, failed === 0 ? "" : ` ${count(failed)} failed`);
    },
  });
}
