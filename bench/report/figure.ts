import { spreadOf } from "../measure/spread.ts";

/** Something that a benchmark measured, once a run. */
export interface Figure {
  /** Under which circumstances: figures of one case stand together. */
  readonly case: string;
  readonly measure: string;
  readonly unit: string;
  readonly better: "higher" | "lower" | "neither";
  /** The value of each run, in their order. */
  readonly runs: readonly number[];
  /** What the median should reach: at least this where higher is better, less than this where lower is. */
  readonly goal?: number;
}

/** A figure with the median and the spread of its runs, as reports hold it. */
export interface ReportedFigure extends Omit<Figure, "goal"> {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
  /** Null where nothing is aimed at. */
  readonly goal: number | null;
  /** Whether the median reached the goal; null without one. */
  readonly reached: boolean | null;
}

export function reportFigure({ goal, ...figure }: Figure): ReportedFigure {
  const { median, lowest, highest } = spreadOf(figure.runs);
  const reached = goal === undefined ? null : figure.better === "lower" ? median < goal : median >= goal;
  return {
    ...figure,
    runs: figure.runs.map(rounded),
    median: rounded(median),
    lowest: rounded(lowest),
    highest: rounded(highest),
    goal: goal ?? null,
    reached,
  };
}

/** Six digits: far more than any run repeats. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
