import { writeFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import type { Bench } from "../bench.ts";
import { BENCHES } from "../benches.ts";
import { comparisonText } from "../report/comparison-text.ts";
import { ReportUnreadable, readReport } from "../report/read-report.ts";
import { type BenchReport, reportOf, type Settings } from "../report/report.ts";
import { reportText } from "../report/report-text.ts";
import { countOption } from "./options.ts";

const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** What every benchmark can be asked for beside its settings. */
interface Wanted {
  readonly json?: boolean;
  readonly output?: string;
  readonly compare?: string;
}

/** Runs `npm run bench -- ...` and answers the exit code. */
export async function benchCommand(argv: readonly string[]): Promise<number> {
  const [first] = argv;
  try {
    if (first === undefined || first === "--help") {
      process.stdout.write(`${await usage()}\n`);
      return first === undefined ? EXIT.usage : EXIT.ok;
    }
    const named = !first.startsWith("-");
    const compared = named ? undefined : readReport(reportFile(argv));
    const name = named ? first : compared!.bench;
    if (!Object.hasOwn(BENCHES, name)) {
      process.stderr.write(`there is no benchmark ${JSON.stringify(name)}\n${await usage()}\n`);
      return EXIT.usage;
    }
    return await runBench(await BENCHES[name]!(), named ? argv.slice(1) : argv);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (!(error instanceof ReportUnreadable)) throw error;
    process.stderr.write(`error: ${error.message}\n`);
    return EXIT.usage;
  }
}

/** The file of `--compare`, where that alone says which benchmark to run. */
function reportFile(argv: readonly string[]): string {
  const parser = new Command()
    .requiredOption("--compare <file>", "an earlier run's report")
    .allowUnknownOption()
    .allowExcessArguments()
    .exitOverride();
  return parser.parse(argv, { from: "user" }).opts<{ compare: string }>().compare;
}

async function runBench(bench: Bench, argv: readonly string[]): Promise<number> {
  const command = commandOf(bench).parse(argv, { from: "user" });
  const { json, output, compare } = command.opts<Wanted>();
  const earlier = compare === undefined ? undefined : readReport(compare);
  if (earlier !== undefined && earlier.bench !== bench.name) {
    throw new ReportUnreadable(`${compare} is a report of ${earlier.bench}, not of ${bench.name}.`);
  }
  const settings = settingsOf(bench, command, earlier);
  const tell = (line: string) => void process.stderr.write(`${line}\n`);
  const report = await reportOf(bench.name, settings, () =>
    bench.run(settings as Settings & { readonly runs: number }, tell),
  );
  const text = [reportText(report), ...(earlier === undefined ? [] : ["", comparisonText(earlier, report)])];
  // What a program is to read stands alone on standard output.
  (json ? process.stderr : process.stdout).write(`${text.join("\n")}\n`);
  if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
  if (output !== undefined) writeFileSync(output, `${JSON.stringify(report)}\n`);
  return EXIT.ok;
}

function commandOf(bench: Bench): Command {
  const command = new Command(`npm run bench -- ${bench.name}`).description(bench.about);
  for (const option of bench.options) command.addOption(option);
  return command
    .addOption(countOption("--runs <number>", "how often it measures", 1, bench.runs))
    .option(
      "--json",
      "print the report as one JSON object on standard output, and the table on standard error",
    )
    .option("--output <file>", "write the report to a file, for --compare")
    .option("--compare <file>", "set the run against an earlier one, with its settings where none are given")
    .helpOption("--help", "show this")
    .exitOverride();
}

/** The settings as given, else as in the earlier run, else by default. */
function settingsOf(bench: Bench, command: Command, earlier: BenchReport | undefined): Settings {
  const names = [...bench.options.map((option) => option.attributeName()), "runs"];
  return Object.fromEntries(
    names.map((name) => {
      const isGiven = command.getOptionValueSource(name) === "cli";
      const before = isGiven ? undefined : earlier?.settings[name];
      return [name, before ?? (command.getOptionValue(name) as Settings[string])];
    }),
  );
}

async function usage(): Promise<string> {
  const benches = await Promise.all(Object.values(BENCHES).map((load) => load()));
  return [
    "Usage: npm run bench -- NAME [options]",
    "       npm run bench -- --compare FILE   (the benchmark and the settings of an earlier run)",
    "",
    ...benches.map(({ name, about }) => `  ${name.padEnd(8)}${about}`),
    "",
    "npm run bench -- NAME --help lists a benchmark's options.",
  ].join("\n");
}
