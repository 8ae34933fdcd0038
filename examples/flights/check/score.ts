/** How well scores of late flights tell which were late. */
export interface ScoreQuality {
  readonly rows: number;
  readonly positives: number;
  /** Area under the ROC curve, ties counted half; null when only one class is there. */
  readonly auc: number | null;
  /** Mean negative log likelihood, natural logarithm; null without rows. */
  readonly logLoss: number | null;
}

/** Keeps a certain and wrong score from making the log loss infinite. */
const PROBABILITY_FLOOR = 1e-7;

/** AUC (Mann-Whitney) and log loss of scores in [0, 1]; `labels[i]` is 1 or 0. */
export function scoreQuality(scores: ArrayLike<number>, labels: ArrayLike<number>): ScoreQuality {
  const rows = scores.length;
  const order = Array.from({ length: rows }, (_, index) => index).sort((a, b) => scores[a]! - scores[b]!);
  let positives = 0;
  let rankSum = 0;
  let loss = 0;
  for (let start = 0; start < rows; ) {
    let end = start;
    while (end < rows && scores[order[end]!] === scores[order[start]!]) end += 1;
    const middleRank = (start + 1 + end) / 2;
    for (let at = start; at < end; at += 1) {
      const index = order[at]!;
      const score = Math.min(1 - PROBABILITY_FLOOR, Math.max(PROBABILITY_FLOOR, scores[index]!));
      if (labels[index] === 1) {
        positives += 1;
        rankSum += middleRank;
        loss -= Math.log(score);
      } else {
        loss -= Math.log(1 - score);
      }
    }
    start = end;
  }
  const negatives = rows - positives;
  return {
    rows,
    positives,
    auc:
      positives === 0 || negatives === 0
        ? null
        : (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives),
    logLoss: rows === 0 ? null : loss / rows,
  };
}
