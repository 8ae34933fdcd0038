import type { ItemState } from "../../lib/engine/fold.ts";
import { entityKey } from "../../lib/engine/key.ts";
import { planView } from "../../lib/engine/plan.ts";
import { entityItem } from "../../lib/online/items.ts";
import { itemBytes } from "../../lib/online/marshal.ts";
import type { Figure } from "../report/figure.ts";
import { cardEvents, FIRST_EVENT_MS } from "../workload/card-events.ts";
import { card } from "../workload/card-view.ts";
import { foldCard } from "../workload/fold-card.ts";
import { imageParts } from "./image-parts.ts";
import { createTilesInObjects, type TilesInObjects } from "./tiles-in-objects.ts";

const DAY_MS = 86_400_000;

/** What a card's item takes, at one moment. */
export interface CardSize {
  readonly image: Uint8Array;
  readonly itemBytes: number;
  /** The same tiles and event ids as JSON. */
  readonly tilesJson: string;
  /** One DynamoDB attribute a feature and tile. */
  readonly attributeBytes: number;
}

/** A card's item through its last day. */
export interface DayOfCard {
  readonly sizes: readonly CardSize[];
  readonly last: CardSize;
}

/** Folds a card's events for some days and one more, of which every fold's item is taken. */
export function foldDays({ perDay, days }: { readonly perDay: number; readonly days: number }): DayOfCard {
  const plan = planView(card);
  const key = entityKey(plan, ["card_000000"]);
  const tiles = createTilesInObjects();
  const sizes: CardSize[] = [];
  const stepMs = DAY_MS / perDay;
  const events = cardEvents({ count: perDay * (days + 1), keys: 1, distribution: "uniform", stepMs });
  const each = (item: ItemState, timeToLiveMs: number | null, arrivalMs: number) => {
    if (arrivalMs <= FIRST_EVENT_MS + days * DAY_MS) return;
    sizes.push({
      image: item.image,
      itemBytes: itemBytes(entityItem(key.partition, key, item, timeToLiveMs)),
      ...sizesBeside(tiles, key.partition),
    });
  };
  const seen = (function* () {
    for (const event of events) {
      tiles.add(event.text, event.arrivalMs);
      yield event;
    }
  })();
  foldCard(plan, seen, { each, eventsAFold: Math.ceil(perDay / 100) });
  return { sizes, last: sizes.at(-1)! };
}

function sizesBeside(tiles: TilesInObjects, pk: string): Pick<CardSize, "tilesJson" | "attributeBytes"> {
  return { tilesJson: tiles.json(), attributeBytes: itemBytes({ pk, ...tiles.attributes() }) };
}

/** Bytes through a day: what is spread is the day, not runs. */
export function sizeFigures(name: string, { sizes, last }: DayOfCard, goal: number): readonly Figure[] {
  const about = { case: name, unit: "bytes", better: "lower" } as const;
  return [
    { ...about, measure: "item, key and position included", runs: sizes.map((size) => size.itemBytes), goal },
    { ...about, measure: "image", runs: sizes.map(({ image }) => image.length) },
    {
      ...about,
      measure: "the same tiles and ids as JSON",
      runs: sizes.map(({ tilesJson }) => tilesJson.length),
    },
    {
      ...about,
      measure: "one attribute a feature and tile, no ids",
      runs: sizes.map(({ attributeBytes }) => attributeBytes),
    },
    ...[...imageParts(planView(card), last.image)].map(([part, bytes]) => ({
      ...about,
      measure: `of the last image: ${part}`,
      runs: [bytes],
    })),
  ];
}
