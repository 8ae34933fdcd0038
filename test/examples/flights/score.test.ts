import { describe, expect, test } from "vitest";
import { scoreQuality } from "../../../examples/flights/check/score.ts";
import { seededRandom } from "../../../examples/statistics/random.ts";

describe("the quality of scores", () => {
  test("is 1 for scores that tell all apart, 0 for the reverse, a half for one score", () => {
    expect(scoreQuality([0.1, 0.2, 0.8], [0, 0, 1]).auc).toBe(1);
    expect(scoreQuality([0.9, 0.8, 0.2], [0, 0, 1]).auc).toBe(0);
    expect(scoreQuality([0.5, 0.5, 0.5, 0.5], [0, 1, 1, 0])).toEqual({
      rows: 4,
      positives: 2,
      auc: 0.5,
      logLoss: Math.log(2),
    });
  });

  test("has no AUC for one class and no log loss without rows", () => {
    expect(scoreQuality([0.3], [1]).auc).toBeNull();
    expect(scoreQuality([], [])).toEqual({ rows: 0, positives: 0, auc: null, logLoss: null });
  });

  test("is the share of pairs in order, ties counted half", () => {
    const random = seededRandom(3);
    const scores = Array.from({ length: 200 }, () => Math.floor(random() * 20) / 20);
    const labels = scores.map((score) => (random() < score ? 1 : 0));
    let pairs = 0;
    let ordered = 0;
    for (let late = 0; late < 200; late += 1) {
      for (let punctual = 0; punctual < 200; punctual += 1) {
        if (labels[late] !== 1 || labels[punctual] !== 0) continue;
        pairs += 1;
        const difference = scores[late]! - scores[punctual]!;
        ordered += difference > 0 ? 1 : difference === 0 ? 0.5 : 0;
      }
    }
    expect(scoreQuality(scores, labels).auc).toBeCloseTo(ordered / pairs, 12);
  });

  test("stays finite for a certain and wrong score", () => {
    expect(scoreQuality([0, 1], [1, 0]).logLoss).toBeCloseTo(-Math.log(1e-7), 6);
  });
});
