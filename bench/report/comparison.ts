import type { ReportedFigure } from "./figure.ts";
import type { BenchReport } from "./report.ts";

/** A figure of two reports. */
export interface ComparedFigure {
  readonly case: string;
  readonly measure: string;
  readonly unit: string;
  readonly earlier: number;
  readonly current: number;
  /** `current / earlier`; null where that says nothing. */
  readonly ratio: number | null;
  /** `same`: each median lies within the other's spread, so that the runs tell no difference. */
  readonly verdict: "better" | "worse" | "same" | "changed";
}

/** A report set against an earlier one of the same benchmark. */
export interface Comparison {
  /** What differs between the runs beside the code: then a figure by the clock says nothing. */
  readonly differences: readonly string[];
  readonly figures: readonly ComparedFigure[];
  /** Figures that only one of the two has, as `case: measure`. */
  readonly unmatched: readonly string[];
}

export function compareReports(earlier: BenchReport, current: BenchReport): Comparison {
  const before = new Map(earlier.figures.map((figure) => [nameOf(figure), figure]));
  const figures: ComparedFigure[] = [];
  const unmatched: string[] = [];
  for (const figure of current.figures) {
    const same = before.get(nameOf(figure));
    if (same === undefined) unmatched.push(nameOf(figure));
    else figures.push(compareFigures(same, figure));
    before.delete(nameOf(figure));
  }
  return {
    differences: differencesOf(earlier, current),
    figures,
    unmatched: [...unmatched, ...before.keys()],
  };
}

function nameOf(figure: Pick<ReportedFigure, "case" | "measure">): string {
  return `${figure.case}: ${figure.measure}`;
}

function compareFigures(earlier: ReportedFigure, current: ReportedFigure): ComparedFigure {
  const ratio = earlier.median === 0 ? null : Number((current.median / earlier.median).toPrecision(4));
  return {
    case: current.case,
    measure: current.measure,
    unit: current.unit,
    earlier: earlier.median,
    current: current.median,
    ratio,
    verdict: verdictOf(earlier, current),
  };
}

function verdictOf(earlier: ReportedFigure, current: ReportedFigure): ComparedFigure["verdict"] {
  const within = (value: number, of: ReportedFigure) => value >= of.lowest && value <= of.highest;
  if (within(current.median, earlier) && within(earlier.median, current)) return "same";
  if (current.better === "neither") return "changed";
  return current.median > earlier.median === (current.better === "higher") ? "better" : "worse";
}

function differencesOf(earlier: BenchReport, current: BenchReport): readonly string[] {
  const differences: string[] = [];
  for (const fact of ["processor", "cores", "platform", "node"] as const) {
    if (earlier.machine[fact] !== current.machine[fact])
      differences.push(`${fact}: ${earlier.machine[fact]} then, ${current.machine[fact]} now`);
  }
  for (const name of new Set([...Object.keys(earlier.settings), ...Object.keys(current.settings)])) {
    if (earlier.settings[name] !== current.settings[name])
      differences.push(`setting ${name}: ${earlier.settings[name]} then, ${current.settings[name]} now`);
  }
  return differences;
}
