/** A loaded model: turns vectors into scores. */
export interface ScoringModel {
  /** `values` in the order of the model's service; NaN for no value. The score may be NaN; callers must look. */
  score(values: readonly number[]): Promise<number>;
  /** `scores[i]` is the score of `rows[i]`: all from one run, or one run each where {@link batching} says so. */
  scoreRows(rows: readonly (readonly number[])[]): Promise<readonly number[]>;
  /** `row-by-row` for a model whose file fixes its number of rows at 1. */
  readonly batching: "one-run" | "row-by-row";
  /** Frees what the model holds. */
  close(): Promise<void>;
}
