import type { Bench } from "../bench.ts";
import type { Figure } from "../report/figure.ts";
import { bundleFunctions } from "./bundles.ts";
import { type ColdStart, coldStart, PHASES } from "./cold-start.ts";
import { startServers } from "./servers.ts";

/** The flights: five views, two models. */
const DEFINITIONS = "examples/flights/definitions.ts";

export const start: Bench = {
  name: "start",
  about: "a new process of each bundled function up to its first answer, and the bundles' sizes",
  options: [],
  runs: 7,
  async run({ runs }, tell) {
    const bundles = await bundleFunctions(DEFINITIONS);
    const servers = await startServers(DEFINITIONS);
    try {
      const figures: Figure[] = [];
      for (const bundle of bundles.all) {
        tell(`${bundle.name}: ${runs} processes, and one before them`);
        const starts: ColdStart[] = [];
        for (let run = -1; run < runs; run++) {
          const started = await coldStart(bundle, servers);
          if (run >= 0) starts.push(started);
        }
        const about = { case: bundle.name, better: "lower" } as const;
        for (const phase of PHASES) {
          figures.push({
            ...about,
            measure: phase,
            unit: "ms",
            runs: starts.map((each) => each.phases[phase]),
          });
        }
        figures.push({
          ...about,
          measure: "memory at the first answer",
          unit: "MB",
          runs: starts.map(({ memoryMb }) => memoryMb),
        });
        for (const [measure, bytes] of Object.entries(bundle.sizes)) {
          figures.push({ ...about, measure, unit: "KB", runs: [bytes / 1000] });
        }
      }
      return figures;
    } finally {
      await servers.stop();
      await bundles.remove();
    }
  },
};
