import type { PredictionLogEntry } from "../../../serve/prediction-log.ts";
import type { RecentPrediction } from "../snapshot.ts";

/** Keeps the latest requests that were answered with predictions. */
export interface Predictions {
  note(entry: PredictionLogEntry): void;
  /** Newest first. */
  latest(): readonly RecentPrediction[];
}

const MOST_REQUESTS = 8;

interface NotedRequest {
  readonly first: Omit<RecentPrediction, "entities">;
  entities: number;
  /** The last place in the batch that was scored; null for a request of one. */
  row: number | null;
}

export function createPredictions(): Predictions {
  const latest: NotedRequest[] = [];
  let requests = 0;
  return {
    note(entry) {
      const { requestId, row } = entry;
      // Rows come in their order: what steps back is another batch of the same id.
      const batch = latest.find(
        (noted) =>
          noted.first.requestId === requestId && noted.row !== null && row !== null && noted.row < row,
      );
      if (batch !== undefined) {
        batch.entities += 1;
        batch.row = row;
        return;
      }
      requests += 1;
      latest.unshift({ first: describe(entry, requests), entities: 1, row });
      latest.length = Math.min(latest.length, MOST_REQUESTS);
    },
    latest: () => latest.map(({ first, entities }) => ({ ...first, entities })),
  };
}

function describe(entry: PredictionLogEntry, number: number): NotedRequest["first"] {
  const views = Object.values(entry.views);
  return {
    number,
    requestId: entry.requestId,
    asOfMs: entry.timeMs,
    model: `${entry.model.name}@${entry.model.version}`,
    score: entry.score,
    policy: entry.policy,
    keys: [...new Set(views.flatMap(({ key }) => key.map(String)))],
    notFresh: views
      .filter(({ status }) => status !== "fresh")
      .map(({ view, version, status }) => ({ view: `${view}@${version}`, status })),
  };
}
