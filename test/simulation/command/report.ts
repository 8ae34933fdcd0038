import type { Coverage } from "../coverage.ts";
import type { FaultName } from "../faults/registry.ts";
import type { WorldResult } from "../simulate.ts";

/** A world that broke a rule, and the shortest one that was found to break it too. */
export interface Failure {
  readonly seed: number;
  readonly first: WorldResult;
  readonly shrunk: {
    readonly result: WorldResult;
    readonly only: readonly FaultName[];
    readonly schedule: string;
    readonly runs: number;
  } | null;
}

/** The command that runs a failure's shortest world again. */
export function replayCommand({ seed, shrunk }: Failure): string {
  const parts = [`npm run simulate -- --from ${seed} --seeds 1`];
  if (shrunk !== null) {
    for (const name of shrunk.only) parts.push(`--fault ${name}`);
    if (shrunk.schedule !== "{}") parts.push(`--schedule '${shrunk.schedule}'`);
  }
  return parts.join(" ");
}

export function describeFailure(failure: Failure): string {
  const { seed, first, shrunk } = failure;
  const result = shrunk?.result ?? first;
  const lines = [`seed ${seed} breaks a rule:`];
  for (const { invariant, atMs, what } of result.violations.slice(0, 5)) {
    lines.push(`  ${new Date(atMs).toISOString()} ${invariant}: ${what}`);
  }
  if (result.violations.length > 5) lines.push(`  and ${result.violations.length - 5} times more.`);
  if (shrunk !== null) {
    lines.push(`  shortest of ${shrunk.runs} worlds tried: ${result.records} records, and these faults:`);
    const fired = result.fired.slice(0, 30);
    for (const id of fired) lines.push(`    ${id}`);
    if (result.fired.length > fired.length) lines.push(`    and ${result.fired.length - fired.length} more`);
  }
  for (const message of result.logged.slice(0, 3)) lines.push(`  the function logged: ${message}`);
  lines.push(`  ${replayCommand(failure)}`);
  return lines.join("\n");
}

export function describeCoverage(coverage: Coverage): string {
  const { worlds, records, answers, steps } = coverage;
  const lines = [`${worlds} worlds, ${records} records, ${answers} answers checked, ${steps} steps`];
  lines.push("fault                        worlds   times");
  for (const [name, each] of coverage.faults) {
    lines.push(`${name.padEnd(28)} ${String(each.worlds).padStart(6)} ${String(each.times).padStart(7)}`);
  }
  lines.push("crashes at");
  for (const [site, times] of [...coverage.crashes].sort(([left], [right]) => (left < right ? -1 : 1))) {
    lines.push(`${site.padEnd(28)} ${String(times).padStart(6)}`);
  }
  return lines.join("\n");
}
