/** A loaded model: turns one vector into one score. */
export interface ScoringModel {
  /** `values` in the order of the model's service; NaN for no value. The score may be NaN; callers must look. */
  score(values: readonly number[]): Promise<number>;
  /** Frees what the model holds. */
  close(): Promise<void>;
}
