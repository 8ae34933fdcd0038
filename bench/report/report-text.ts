import { commitText } from "./commit.ts";
import type { ReportedFigure } from "./figure.ts";
import { machineText } from "./machine-facts.ts";
import type { BenchReport } from "./report.ts";
import { numberText, textTable } from "./text-table.ts";

/** A report as a table a case. */
export function reportText(report: BenchReport): string {
  const lines = [
    `${report.bench}, ${commitText(report.commit)}, ${report.startedAt}, ${report.seconds} s`,
    machineText(report.machine),
    settingsText(report),
  ];
  for (const [name, figures] of figuresByCase(report.figures)) {
    const rows = figures.map((figure) => [
      `  ${figure.measure}`,
      numberText(figure.median),
      spreadText(figure),
      figure.unit,
      goalText(figure),
    ]);
    lines.push("", name, ...textTable(rows));
  }
  return lines.join("\n");
}

/** Figures by case, both in the order in which they came. */
export function figuresByCase<Of extends Pick<ReportedFigure, "case">>(
  figures: readonly Of[],
): ReadonlyMap<string, readonly Of[]> {
  const cases = new Map<string, Of[]>();
  for (const figure of figures) {
    const known = cases.get(figure.case);
    if (known === undefined) cases.set(figure.case, [figure]);
    else known.push(figure);
  }
  return cases;
}

function settingsText({ settings }: BenchReport): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}

function spreadText({ lowest, highest, runs }: ReportedFigure): string {
  return runs.length === 1 || lowest === highest ? "" : `${numberText(lowest)}..${numberText(highest)}`;
}

function goalText({ goal, reached, better }: ReportedFigure): string {
  if (goal === null) return "";
  return `goal ${better === "lower" ? "<" : ">="} ${numberText(goal)}: ${reached ? "reached" : "not reached"}`;
}
