import type { RecentPrediction } from "../snapshot.ts";
import { byId, drawn, element, setText } from "./element.ts";
import { count, timeOfDay } from "./format.ts";
import { keyedChildren } from "./keyed-children.ts";

/** Fills the table of predictions. */
export function predictionsTable(): (predictions: readonly RecentPrediction[]) => void {
  const rows = keyedChildren({
    parent: byId("predictions"),
    // The row of a batch under way is made anew when more of it is scored.
    keyOf: ({ number, entities }: RecentPrediction) => `${number} ${entities}`,
    create: createRow,
    update: () => {},
  });
  return (predictions) => {
    byId("no-predictions").hidden = predictions.length > 0;
    rows(predictions);
  };
}

function createRow(prediction: RecentPrediction): HTMLTableRowElement {
  const { asOfMs, entities, keys, model, policy, score, notFresh } = prediction;
  const how = [policy === "serve" ? "" : policy, ...statusesOf(notFresh)].filter((text) => text !== "");
  const name = element("td", {}, model);
  if (how.length > 0) {
    const note = element(
      "span",
      { class: "note", title: notFresh.map(({ view, status }) => `${view} ${status}`).join(", ") },
      how.join(", "),
    );
    name.append(" ", note);
  }
  const of = element("th", { scope: "row" }, keys.join(" · "));
  if (entities > 1) of.append(" ", element("span", { class: "note" }, `and ${count(entities - 1)} more`));
  const bar = drawn(
    "svg",
    { class: "gauge", viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" },
    drawn("rect", { class: "whole", width: 100, height: 4 }),
    drawn("rect", { class: "part", width: 100 * Math.min(1, Math.max(0, score)), height: 4 }),
  );
  const text = element("span");
  setText(text, score.toFixed(3));
  return element(
    "tr",
    {},
    element("td", {}, timeOfDay(asOfMs)),
    of,
    name,
    // Scores of classifiers are shares; another model's score has no known range to be drawn in.
    element("td", { class: "number" }, text, ...(score >= 0 && score <= 1 ? [bar] : [])),
  );
}

/** `2 stale, 3 warming`, of its views. */
function statusesOf(notFresh: RecentPrediction["notFresh"]): readonly string[] {
  const statuses = [...new Set(notFresh.map(({ status }) => status))];
  return statuses.map((status) => `${notFresh.filter((view) => view.status === status).length} ${status}`);
}
