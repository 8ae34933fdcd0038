import type { Option } from "commander";
import type { Figure } from "./report/figure.ts";
import type { Settings } from "./report/report.ts";

/** A benchmark: what it can be asked for, and what it measures. */
export interface Bench<Given = Settings> {
  readonly name: string;
  /** What it measures, in a sentence. */
  readonly about: string;
  /** Beside those that all have. Each has a default. */
  readonly options: readonly Option[];
  /** How often it measures by default. */
  readonly runs: number;
  /** Measures. `tell` takes a line on how far it has come. */
  run(settings: Given & { readonly runs: number }, tell: (line: string) => void): Promise<readonly Figure[]>;
}
