import type { PredictionLogEntry } from "../../../serve/prediction-log.ts";
import type { RecentPrediction } from "../snapshot.ts";

/** Keeps the latest answered predictions. */
export interface Predictions {
  note(entry: PredictionLogEntry): void;
  /** Newest first. */
  latest(): readonly RecentPrediction[];
}

const MOST_PREDICTIONS = 8;

export function createPredictions(): Predictions {
  const latest: RecentPrediction[] = [];
  return {
    note(entry) {
      const views = Object.values(entry.views);
      latest.unshift({
        requestId: entry.requestId,
        asOfMs: entry.timeMs,
        model: `${entry.model.name}@${entry.model.version}`,
        score: entry.score,
        policy: entry.policy,
        keys: [...new Set(views.flatMap(({ key }) => key.map(String)))],
        notFresh: views
          .filter(({ status }) => status !== "fresh")
          .map(({ view, version, status }) => ({ view: `${view}@${version}`, status })),
      });
      latest.length = Math.min(latest.length, MOST_PREDICTIONS);
    },
    latest: () => [...latest],
  };
}
