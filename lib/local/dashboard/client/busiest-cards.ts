import type { BusyEntity, BusyView, ViewState } from "../snapshot.ts";
import { drawBars } from "./bar-chart.ts";
import { brokenName } from "./broken-name.ts";
import { byId, drawn, element, setText } from "./element.ts";
import { amount, duration } from "./format.ts";
import { keyedChildren } from "./keyed-children.ts";

interface ShownEntity extends BusyEntity {
  readonly of: BusyView;
}

/** Fills the cards of busiest entities, one a view, and names the views that have none to show. */
export function busiestCards(): (busiest: readonly BusyView[], views: readonly ViewState[]) => void {
  const rowsOf = new WeakMap<Element, (entities: readonly ShownEntity[]) => void>();
  const cards = keyedChildren({
    parent: byId("busiest"),
    keyOf: ({ view }: BusyView) => view,
    create(view) {
      const body = element("tbody");
      const card = element(
        "table",
        { class: "card" },
        element(
          "caption",
          {},
          element("span", { class: "name" }, ...brokenName(view.view)),
          element("span", { class: "note" }, captionOf(view)),
        ),
        element("colgroup", {}, ...["key", "tiles", "number"].map((kind) => element("col", { class: kind }))),
        element(
          "thead",
          { class: "unseen" },
          element(
            "tr",
            {},
            ...["Entity", "Tiles", view.adds ? "Total" : "Last whole tile"].map((head) =>
              element("th", { scope: "col" }, head),
            ),
          ),
        ),
        body,
      );
      rowsOf.set(card, entityRows(body));
      return card;
    },
    update(card, view) {
      rowsOf.get(card)!(view.entities.map((entity) => ({ ...entity, of: view })));
    },
  });
  return (busiest, views) => {
    const busy = busiest.filter(({ entities }) => entities.length > 0);
    byId("no-busiest").hidden = busy.length > 0;
    cards(busy);
    // Tiles are read once something has been folded.
    const without = views.filter(({ id }) => busiest.length > 0 && busiest.every(({ view }) => view !== id));
    byId("no-tiles").hidden = without.length === 0;
    setText(byId("no-tiles"), `Without tiles of a number: ${without.map(({ id }) => id).join(", ")}.`);
  };
}

function entityRows(parent: Element): (entities: readonly ShownEntity[]) => void {
  return keyedChildren({
    parent,
    keyOf: ({ key }: ShownEntity) => JSON.stringify(key),
    create: ({ key }) =>
      element(
        "tr",
        {},
        element("th", { scope: "row" }, key.length === 0 ? "all events" : key.join(" · ")),
        element(
          "td",
          { class: "tiles" },
          drawn("svg", { class: "bars", role: "img", preserveAspectRatio: "none" }),
        ),
        element("td", { class: "number" }),
      ),
    update(row, { tiles, of: { tileMs, measure, adds } }) {
      drawBars(row.querySelector("svg")!, { tiles, tileMs, measure });
      const total = tiles.reduce((sum: number, tile) => sum + (tile ?? 0), 0);
      setText(row.querySelector(".number")!, amount(adds ? total : (tiles.at(-2) ?? null)));
    },
  });
}

/** `count in 5m tiles, total of 3h`. */
function captionOf({ measure, tileMs, adds, entities }: BusyView): string {
  const tiles = entities[0]?.tiles.length ?? 0;
  const shown = adds ? `total of ${duration(tileMs * tiles)}` : "the last whole one";
  return `${measure} in ${duration(tileMs)} tiles, ${shown}`;
}
