Error.stackTraceLimit = 0;

import { simulate } from "./simulate.ts";

const [from = 1, count = 1] = process.argv.slice(2).map(Number);
let bad = 0;
const faults: Record<string, number> = {};
const sites: Record<string, number> = {};
let steps = 0;
for (let seed = from; seed < from + count; seed++) {
  const t = process.cpuUsage();
  const result = await simulate({ seed });
  const used = process.cpuUsage(t);
  steps += result.steps;
  for (const name of Object.keys(result.faults)) faults[name] = (faults[name] ?? 0) + 1;
  for (const [name, n] of Object.entries(result.crashSites)) sites[name] = (sites[name] ?? 0) + n;
  console.log(seed, result.steps, Math.round((used.user + used.system) / 1000), "ms", result.records);
  if (result.violations.length > 0) {
    bad++;
    console.log(
      result.violations.length,
      result.violations.slice(0, 4).map((v) => v.invariant + " " + v.what.slice(0, 200)),
      result.logged.slice(0, 1).map((x) => x.slice(0, 150)),
    );
  }
}
console.log({ bad, count, steps }, JSON.stringify(sites));
