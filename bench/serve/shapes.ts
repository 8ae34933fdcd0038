import { cardName } from "./seed-store.ts";

/** What a request asks for. */
export interface Shape {
  readonly name: string;
  readonly path: "/v1/predict" | "/v1/features";
  readonly entities: number;
  /** 200 of four views, or 50 of one. */
  readonly features: 50 | 200;
}

const SIZES = [
  { entities: 1, features: 200 },
  { entities: 10, features: 200 },
  { entities: 100, features: 200 },
  { entities: 1, features: 50 },
  { entities: 100, features: 50 },
] as const;

export const SHAPES: readonly Shape[] = (["/v1/predict", "/v1/features"] as const).flatMap((path) =>
  SIZES.map(({ entities, features }) => ({
    name: `${path}, ${entities} ${entities === 1 ? "entity" : "entities"} x ${features} features`,
    path,
    entities,
    features,
  })),
);

/** What all but the store should stay below, in ms. */
export function goalMs({ entities, features }: Shape): number | null {
  if (features !== 200) return null;
  return entities === 1 ? 1 : entities === 100 ? 15 : null;
}

/** How many requests of a shape a run sends. */
export function requestCount({ entities }: Shape, requests: number): number {
  return entities === 100 ? Math.ceil(requests / 10) : requests;
}

/** Bodies of one shape: each asks for other cards. */
export function requestOf({ path, entities, features }: Shape, cards: number): (number: number) => string {
  const about =
    path === "/v1/predict"
      ? { model: features === 200 ? "wide_score" : "narrow_score" }
      : { service: features === 200 ? "wide" : "narrow" };
  return (number) => {
    const rows = Array.from({ length: entities }, (_, index) => ({
      keys: { card: cardName((number * entities + index) % cards) },
    }));
    return JSON.stringify({ ...about, ...(entities === 1 ? rows[0] : { entities: rows }) });
  };
}
