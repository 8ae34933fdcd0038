import { type Commit, currentCommit } from "./commit.ts";
import { type Figure, type ReportedFigure, reportFigure } from "./figure.ts";
import { type MachineFacts, machineFacts } from "./machine-facts.ts";

/** What a benchmark was asked for. */
export type Settings = Readonly<Record<string, string | number | boolean>>;

/** A run of a benchmark, as `--json` prints it and `--compare` reads it. */
export interface BenchReport {
  readonly report: "freshet-bench";
  readonly version: 1;
  readonly bench: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly seconds: number;
  readonly commit: Commit;
  readonly machine: MachineFacts;
  readonly settings: Settings;
  readonly figures: readonly ReportedFigure[];
}

/** Runs a benchmark and reports it. */
export async function reportOf(
  bench: string,
  settings: Settings,
  run: () => Promise<readonly Figure[]>,
): Promise<BenchReport> {
  const startedAt = new Date().toISOString();
  const startedMs = performance.now();
  const machine = machineFacts();
  const commit = currentCommit();
  const figures = (await run()).map(reportFigure);
  const seconds = Number(((performance.now() - startedMs) / 1000).toFixed(1));
  return {
    report: "freshet-bench",
    version: 1,
    bench,
    startedAt,
    seconds,
    commit,
    machine,
    settings,
    figures,
  };
}
