import { relative } from "node:path";
import type { CheckReport } from "./check-definitions.ts";
import type { Place, Problem } from "./problem.ts";

/** Lays out what a check found, a block a problem, and a line that sums it up. */
export function checkText({ file, errors, warnings, problems, checked }: CheckReport): string {
  const counts = Object.entries(checked).map(([kind, count]) => counted(count, kind.slice(0, -1)));
  const verdict =
    errors + warnings === 0 ? "no problems" : `${counted(errors, "error")}, ${counted(warnings, "warning")}`;
  return [...problems.map(problemText), `${shown(file)}: ${verdict} (${counts.join(", ")}).`].join("\n");
}

/** One problem: a line of what and where, and its message. */
export function problemText({ severity, at, code, message }: Problem): string {
  const title = [severity, code, at === null ? null : placeText(at)].filter((part) => part !== null);
  return `${title.join("  ")}\n  ${message}\n`;
}

/** The same without its severity, for who tells that in a way of their own. */
export function problemBody({ at, message }: Problem): string {
  return at === null ? message : `${placeText(at)}: ${message}`;
}

function placeText({ file, line, column }: Place): string {
  return `${shown(file)}:${line}:${column}`;
}

function counted(count: number, name: string): string {
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}

/** A path against the working folder, unless it leads out of it. */
function shown(file: string): string {
  const short = relative(process.cwd(), file);
  return short === "" || short.startsWith("..") ? file : short;
}
