import type { SetAsideReason } from "../snapshot.ts";
import { byId, element, setAttribute, setText } from "./element.ts";
import { count, dateTime } from "./format.ts";
import { keyedChildren } from "./keyed-children.ts";

/** Fills the table of quarantine reasons and late records. */
export function setAsideTable(): (reasons: readonly SetAsideReason[]) => void {
  const rows = keyedChildren({
    parent: byId("set-aside"),
    keyOf: ({ source, reason }: SetAsideReason) => `${source} ${reason}`,
    create: ({ source, reason }) =>
      element(
        "tr",
        {},
        element("th", { scope: "row" }, reason, " ", element("span", { class: "note" }, source)),
        element("td", {}, element("span", { class: "detail" })),
        element("td", { class: "at note" }),
        element("td", { class: "number" }),
      ),
    update(row, { detail, arrivalMs, count: records }) {
      setText(row.querySelector(".detail")!, detail);
      setAttribute(row.querySelector(".detail")!, "title", detail);
      setText(row.querySelector(".at")!, dateTime(arrivalMs));
      setText(row.querySelector(".number")!, count(records));
    },
  });
  return (reasons) => {
    byId("no-set-aside").hidden = reasons.length > 0;
    rows(reasons);
  };
}
