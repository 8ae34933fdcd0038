import type { Bench } from "../bench.ts";
import { countOption } from "../command/options.ts";
import { quantile } from "../measure/spread.ts";
import type { Figure } from "../report/figure.ts";
import type { ApiAnswers } from "./api-process.ts";
import { startProcess } from "./child-process.ts";
import { load } from "./load.ts";
import { PARTS, type Shares } from "./profile-shares.ts";
import { goalMs, requestCount, requestOf, SHAPES, type Shape } from "./shapes.ts";
import type { TableAnswers } from "./table-process.ts";

/** An alias, for an interface is no record of settings. */
type ServeSettings = { readonly requests: number; readonly connections: number; readonly cards: number };

/** As many runs' requests come before those that count: Node compiles a request's code within some hundred of them. */
const WARM_UP_RUNS = 4;

/** Where the table is: in a process of its own, or in the API's, where it costs nothing. */
type TableKind = "dynalite" | "memory";

/** One run of one shape on one of the two tables. */
interface Served {
  readonly requestsPerSecond: number;
  readonly cpuMs: number;
  readonly tableCpuMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export const serve: Bench<ServeSettings> = {
  name: "serve",
  about: "requests for features and predictions: CPU time, latency, and what it goes to",
  options: [
    countOption("--requests <number>", "how many requests a run; of 100 entities, a tenth", 1, 200),
    countOption("--connections <number>", "how many requests are under way", 1, 1),
    countOption("--cards <number>", "how many cards the table holds", 1, 1_000),
  ],
  runs: 3,
  async run({ runs, requests, connections, cards }, tell) {
    tell(`seeding two tables with ${cards} cards`);
    const table = startProcess<TableAnswers>("table-process.ts", []);
    const apis = new Map<TableKind, ReturnType<typeof startApi>>(
      await Promise.all([
        (async () => ["dynalite", startApi(await table.ask("endpoint"), cards)] as const)(),
        (async () => ["memory", startApi("", cards)] as const)(),
      ]),
    );
    try {
      const endpoints = new Map<string, string>();
      for (const [store, api] of apis) endpoints.set(store, await api.ask("endpoint"));
      const ask = (store: TableKind, shape: Shape, times = 1) =>
        load(
          { url: `${endpoints.get(store)}${shape.path}`, body: requestOf(shape, cards) },
          { connections, requests: times * requestCount(shape, requests) },
        );
      const measure = async (store: TableKind, shape: Shape): Promise<Served> => {
        const api = apis.get(store)!;
        const before = { api: await api.ask("cpuMs"), table: await table.ask("cpuMs") };
        const { latenciesMs, elapsedMs } = await ask(store, shape);
        const count = latenciesMs.length;
        return {
          requestsPerSecond: (count / elapsedMs) * 1000,
          cpuMs: ((await api.ask("cpuMs")) - before.api) / count,
          tableCpuMs: ((await table.ask("cpuMs")) - before.table) / count,
          p50Ms: quantile(latenciesMs, 0.5),
          p99Ms: quantile(latenciesMs, 0.99),
        };
      };
      const served = new Map<string, Served[]>();
      tell("warming up");
      for (const shape of SHAPES) for (const store of apis.keys()) await ask(store, shape, WARM_UP_RUNS);
      for (let run = 0; run < runs; run++) {
        tell(`run ${run + 1} of ${runs}`);
        for (const shape of SHAPES) {
          for (const store of apis.keys()) {
            const name = `${shape.name} ${store}`;
            served.set(name, [...(served.get(name) ?? []), await measure(store, shape)]);
          }
        }
      }
      const figures: Figure[] = [];
      for (const shape of SHAPES) {
        tell(`profiling ${shape.name}`);
        await apis.get("dynalite")!.ask("startProfile");
        await ask("dynalite", shape);
        const shares = await apis.get("dynalite")!.ask("stopProfile");
        const on = {
          dynalite: served.get(`${shape.name} dynalite`)!,
          memory: served.get(`${shape.name} memory`)!,
        };
        figures.push(...shapeFigures(shape, on, shares));
      }
      return figures;
    } finally {
      await Promise.all([table, ...apis.values()].map((each) => each.stop()));
    }
  },
};

function startApi(tableEndpoint: string, cards: number) {
  return startProcess<ApiAnswers>("api-process.ts", [tableEndpoint, String(cards)]);
}

function shapeFigures(
  shape: Shape,
  { dynalite, memory }: { readonly dynalite: readonly Served[]; readonly memory: readonly Served[] },
  shares: Shares,
): readonly Figure[] {
  const about = { case: shape.name, better: "lower" } as const;
  const goal = goalMs(shape);
  return [
    {
      ...about,
      measure: "CPU time of all but the store (table in memory)",
      unit: "ms a request",
      runs: memory.map((each) => each.cpuMs),
      ...(goal === null ? {} : { goal }),
    },
    { ...about, measure: "CPU time", unit: "ms a request", runs: dynalite.map((each) => each.cpuMs) },
    {
      ...about,
      measure: "requests a core",
      unit: "a CPU s",
      better: "higher",
      runs: dynalite.map((each) => 1000 / each.cpuMs),
    },
    {
      ...about,
      measure: "dynalite's own CPU time",
      unit: "ms a request",
      runs: dynalite.map((each) => each.tableCpuMs),
    },
    {
      ...about,
      measure: "requests",
      unit: "a second",
      better: "higher",
      runs: dynalite.map((each) => each.requestsPerSecond),
    },
    { ...about, measure: "p50", unit: "ms", runs: dynalite.map((each) => each.p50Ms) },
    { ...about, measure: "p99", unit: "ms", runs: dynalite.map((each) => each.p99Ms) },
    { ...about, measure: "p50, table in memory", unit: "ms", runs: memory.map((each) => each.p50Ms) },
    { ...about, measure: "p99, table in memory", unit: "ms", runs: memory.map((each) => each.p99Ms) },
    ...PARTS.map(
      (part): Figure => ({
        ...about,
        measure: `share of CPU time: ${part}`,
        unit: "%",
        better: "neither",
        runs: [shares[part] * 100],
      }),
    ),
  ];
}
