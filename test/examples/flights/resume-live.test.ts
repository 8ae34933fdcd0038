import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RECOUNTED_VIEW_NAMES } from "../../../examples/flights/check/recount-views.ts";
import { judgeAll } from "../../../examples/flights/check/verdicts.ts";
import { loadDeliveries } from "../../../examples/flights/deliver/load-deliveries.ts";
import { DAY_MS } from "../../../examples/flights/flights.ts";
import { faultsOf, parseOptions } from "../../../examples/flights/options.ts";
import { startFlights } from "../../../examples/flights/replay/runtime.ts";
import { countViews } from "../../../examples/flights/summary/count-views.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
let parent: string;
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), "flights-live-"));
});
afterAll(() => rm(parent, { recursive: true }));

function start(...argv: string[]): ChildProcess & { readonly written: () => string } {
  const child = spawn(process.execPath, ["--import", "tsx", "examples/flights/start.ts", ...argv], {
    cwd: root,
  });
  let written = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (written += data));
  return Object.assign(child, { written: () => written });
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, "exit")) as [number | null];
  return code;
}

describe("a live replay with --resume", () => {
  test("goes on after it was killed, and has every record put once", async () => {
    const folder = join(parent, "live");
    const argv = ["--faults", "--days", "1", "--port", "0", "--resume", folder];
    const journalBytes = async () =>
      (await stat(join(folder, "journal-000001")).catch(() => ({ size: 0 }))).size;
    const grow = async (child: ChildProcess, bytes: number) => {
      const before = await journalBytes();
      while ((await journalBytes()) < before + bytes && child.exitCode === null) await sleep(5);
    };
    for (let kill = 0; kill < 2; kill += 1) {
      const child = start(...argv);
      const exited = once(child, "exit");
      await grow(child, 400_000);
      child.kill("SIGKILL");
      await exited;
      expect(child.signalCode).toBe("SIGKILL");
    }
    const stopped = start(...argv);
    const exit = exitOf(stopped);
    await grow(stopped, 400_000);
    stopped.kill("SIGINT");
    expect(await exit, stopped.written()).toBe(0);
    expect(stopped.written()).toContain("Stopped.");

    const options = parseOptions(argv);
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    const day = { fromMs: options.range.fromMs, endMs: options.range.fromMs + DAY_MS };
    const { deliveries } = await loadDeliveries(connection, day, faultsOf(options));
    connection.closeSync();
    const { runtime, alreadyPut } = await startFlights(options, null);
    await runtime.drain();
    expect(alreadyPut.departures).toBeGreaterThan(60);
    const verdicts = judgeAll(
      {
        departures: deliveries.departures.slice(0, alreadyPut.departures),
        arrivals: deliveries.arrivals.slice(0, alreadyPut.arrivals),
      },
      options.shards,
    );
    const counted = await countViews(runtime, () => ({ folded: 0, duplicate: 0, late: 0 }), alreadyPut);
    await runtime.stop();
    for (const view of RECOUNTED_VIEW_NAMES) {
      expect(counted.get(view)!.held, view).toEqual(verdicts[view].held);
      expect(counted.get(view)!.counts.quarantined, view).toBe(verdicts[view].quarantined);
    }
  }, 200_000);
});

describe("a folder that cannot be gone on from", () => {
  test("ends the command with 2 when it is another's, and stays as it is", async () => {
    const folder = join(parent, "letters");
    await mkdir(folder);
    await writeFile(join(folder, "letter.txt"), "Dear reader");
    const child = start("--once", "--resume", folder);
    expect(await exitOf(child)).toBe(2);
    expect(child.written()).toMatch(/^error: .*letters holds letter\.txt, and no state of Freshet/m);
    expect(await readFile(join(folder, "letter.txt"), "utf8")).toBe("Dear reader");
  }, 60_000);

  test("ends the command with 2 when it was made by other options, with 1 when it is damaged", async () => {
    const folder = join(parent, "live");
    const other = start("--once", "--resume", folder);
    expect(await exitOf(other)).toBe(2);
    expect(other.written()).toContain('replay was "live" and is "once"');
    await writeFile(join(folder, "snapshot-000001"), "not a snapshot");
    const damaged = start("--faults", "--days", "1", "--port", "0", "--resume", folder);
    expect(await exitOf(damaged)).toBe(1);
    expect(damaged.written()).toContain("snapshot-000001 is not whole");
  }, 60_000);
});
