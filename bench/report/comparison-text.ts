import { commitText } from "./commit.ts";
import { type Comparison, compareReports } from "./comparison.ts";
import type { BenchReport } from "./report.ts";
import { figuresByCase } from "./report-text.ts";
import { numberText, textTable } from "./text-table.ts";

/** Two reports side by side, a table a case. */
export function comparisonText(earlier: BenchReport, current: BenchReport): string {
  const { differences, figures, unmatched }: Comparison = compareReports(earlier, current);
  const lines = [
    `beside ${commitText(earlier.commit)} of ${earlier.startedAt}; "same": each median lies within the other's spread`,
    ...differences.map((difference) => `not alike: ${difference}`),
  ];
  for (const [name, compared] of figuresByCase(figures)) {
    const rows = compared.map((figure) => [
      `  ${figure.measure}`,
      numberText(figure.earlier),
      numberText(figure.current),
      figure.unit,
      figure.ratio === null ? "" : `x ${figure.ratio.toFixed(2)}`,
      figure.verdict,
    ]);
    lines.push("", name, ...textTable(rows));
  }
  if (unmatched.length > 0) lines.push("", `in one of the two only: ${unmatched.join("; ")}`);
  return lines.join("\n");
}
