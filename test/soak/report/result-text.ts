import type { SoakResult } from "../soak.ts";
import { liveBytes, memoryText, serverBytes, thirdsMib } from "./memory-chart.ts";

const MIB = 1_048_576;

/** The result for a reader. @param machine - facts by name. */
export function resultText(result: SoakResult, machine: Readonly<Record<string, string | number>>): string {
  const { samples, lag, memory, faults } = result;
  const judged = samples.filter(({ phase }) => phase === "judged");
  const rows: (readonly [string, string])[] = [
    [
      "machine",
      Object.entries(machine)
        .map(([name, value]) => `${name} ${value}`)
        .join(", "),
    ],
    ["keys, seed", `${result.keys}, ${result.seed}`],
    ["judged for", `${result.judgedSeconds.toFixed(0)} s`],
    ["records put", `${result.recordsPut}; ${result.perSecond.toFixed(0)} a second while judged`],
    ["lag", `p50 ${ms(lag.p50Ms)}, p99 ${ms(lag.p99Ms)}, most ${ms(lag.mostMs)}; ${lag.readings} readings`],
  ];
  if (judged.length > 0) {
    const line = (measure: Parameters<typeof thirdsMib>[1]): string => {
      const { first, last } = thirdsMib(judged, measure);
      return `${first.toFixed(1)} MiB in the first third, ${last.toFixed(1)} MiB in the last`;
    };
    rows.push(
      ["resident memory", line(({ rssBytes }) => rssBytes)],
      ["live memory", line(liveBytes)],
      ["data of the servers", line(serverBytes)],
    );
  }
  rows.push([
    "growth allowed",
    memory === null
      ? "not judged: too few samples"
      : `${(memory.liveAllowedBytes / MIB).toFixed(1)} MiB live beside the servers' data (it was ${(memory.liveGrowthBytes / MIB).toFixed(1)}), ${(memory.residentAllowedBytes / MIB).toFixed(1)} MiB resident (it was ${(memory.residentGrowthBytes / MIB).toFixed(1)})`,
  ]);
  rows.push(["compared", `${result.valuesCompared} values, ${result.differences} differences`]);
  return [
    memoryText(samples),
    "",
    ...rows.map(([name, value]) => `${name.padEnd(20)} ${value}`),
    ...faults,
    faults.length === 0 ? "memory flat, lag bounded, exact" : `${faults.length} faults`,
    "",
  ].join("\n");
}

const ms = (value: number): string => `${value.toFixed(0)} ms`;
