import type { ViewState, ViewStatus } from "../snapshot.ts";
import { brokenName } from "./broken-name.ts";
import { byId, drawn, element, setAttribute, setText } from "./element.ts";
import { amount, count, duration } from "./format.ts";
import { keyedChildren } from "./keyed-children.ts";
import { drawLag } from "./lag-chart.ts";

/** A view, and whether what is shown of it is what holds now. */
export interface ShownView {
  readonly view: ViewState;
  readonly connected: boolean;
  readonly nowMs: number;
}

/** Fills the table of views: status by word, symbol and colour. */
export function viewsTable(): (views: readonly ShownView[]) => void {
  return keyedChildren({
    parent: byId("views"),
    keyOf: ({ view }: ShownView) => view.id,
    create: ({ view }) => createRow(view),
    update: updateRow,
  });
}

function createRow({ id, description }: ViewState): HTMLTableRowElement {
  const name = element("th", { role: "rowheader", scope: "row" }, ...brokenName(id));
  if (description !== null) name.title = description;
  const status = element(
    "span",
    { class: "status" },
    drawn("svg", { class: "symbol", "aria-hidden": "true" }, drawn("use")),
    element("span"),
  );
  const gauge = drawn(
    "svg",
    { class: "gauge", viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" },
    drawn("rect", { class: "whole", width: 100, height: 4 }),
    drawn("rect", { class: "part", height: 4 }),
  );
  const lag = element("span", { class: "lag" }, element("span", { class: "lag-text" }), gauge);
  const chart = drawn("svg", { class: "lag-chart", role: "img" });
  const cell = (label: string, kind: string, ...children: readonly Node[]) =>
    element("td", { role: "cell", "data-label": label, class: kind }, ...children);
  return element(
    "tr",
    { role: "row", "data-view": id },
    name,
    cell("Status", "status-cell", status),
    cell("Lag of SLA", "lag-cell", lag),
    cell("Lag, last two minutes", "chart-cell", chart),
    cell("Events/s", "number rate"),
    cell("Folded", "number folded"),
    cell("Duplicate", "number duplicate"),
    cell("Late", "number late"),
    cell("Quarantined", "number quarantined"),
  );
}

function updateRow(row: HTMLTableRowElement, { view, connected, nowMs }: ShownView): void {
  const { lagMs, slaMs, counts } = view;
  // What was fresh when the server went away is not known to be fresh now.
  const status: ViewStatus = connected ? view.status : "unknown";
  const part = (selector: string) => row.querySelector(selector)!;
  setAttribute(row, "data-status", status);
  setAttribute(part("use"), "href", `#${status}`);
  setText(part(".status > span"), statusText(view, status));
  const lag = lagMs === null ? "unknown" : duration(lagMs);
  setText(part(".lag-text"), `${connected ? "" : "was "}${lag} of ${duration(slaMs)}`);
  setAttribute(part(".gauge .part"), "width", lagMs === null ? 0 : Math.min(100, (100 * lagMs) / slaMs));
  drawLag(row.querySelector<SVGSVGElement>(".lag-chart")!, { samples: view.lagHistory, slaMs, nowMs });
  setText(part(".rate"), amount(connected ? view.eventsPerSecond : null));
  for (const outcome of ["folded", "duplicate", "late", "quarantined"] as const) {
    setText(part(`.${outcome}`), count(counts[outcome]));
    setAttribute(part(`.${outcome}`), "data-some", String(counts[outcome] > 0));
  }
}

/** A stale view that also warms says both. */
function statusText({ warming }: ViewState, status: ViewStatus): string {
  return status === "stale" && warming === true ? "stale, warming" : status;
}
