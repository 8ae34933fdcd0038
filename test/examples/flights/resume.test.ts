import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ReplayResult } from "../../../examples/flights/once.ts";
import { seededRandom } from "../../../examples/statistics/random.ts";

const program = fileURLToPath(new URL("fixtures/replay-with-kills.ts", import.meta.url));
const SEED = Number(process.env.FRESHET_KILL_SEED ?? 20010305);
const KILLS = 10;
/** The journal of the whole replay grows to about a million bytes. */
const MOST_GROWTH_BYTES = 90_000;
const POLL_EVERY_MS = 3;

let folder: string;
beforeAll(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "flights-resume-")), "state");
});
afterAll(() => rm(join(folder, ".."), { recursive: true }));

function start(): ChildProcess & { readonly result: () => Promise<ReplayResult> } {
  const child = spawn(process.execPath, ["--import", "tsx", program, folder]);
  let written = "";
  let errors = "";
  child.stdout.on("data", (data) => (written += data));
  child.stderr.on("data", (data) => (errors += data));
  const exited = once(child, "exit");
  const result = async (): Promise<ReplayResult> => {
    await exited;
    if (child.exitCode !== 0) throw new Error(`ended with ${child.exitCode}: ${errors}`);
    return JSON.parse(written) as ReplayResult;
  };
  return Object.assign(child, { result });
}

async function journalBytes(): Promise<number> {
  const { size } = await stat(join(folder, "journal-000001")).catch(() => ({ size: 0 }));
  return size;
}

/** Kills a run once its journal has grown by so much; when it is to grow by nothing, somewhere in its start. */
async function killAfter(growthBytes: number, startMs: number): Promise<number> {
  const before = await journalBytes();
  const child = start();
  const exited = once(child, "exit");
  if (growthBytes === 0) await sleep(startMs);
  else
    while ((await journalBytes()) < before + growthBytes && child.exitCode === null) {
      await sleep(POLL_EVERY_MS);
    }
  child.kill("SIGKILL");
  await exited;
  expect(child.signalCode, "it ended before it was killed").toBe("SIGKILL");
  return (await journalBytes()) - before;
}

describe(`a replay with faults that is killed ${KILLS} times`, () => {
  test(`ends exact (seed ${SEED})`, async () => {
    const random = seededRandom(SEED);
    const kills: string[] = [];
    let moments = 0;
    for (let kill = 1; kill <= KILLS; kill += 1) {
      // One in four while it starts.
      const growthBytes = random() < 0.25 ? 0 : 1 + Math.floor(random() * MOST_GROWTH_BYTES);
      const grown = await killAfter(growthBytes, random() * 3_000);
      const proved = await readdir(join(folder, "proof", "moments")).catch(() => []);
      expect(proved.length).toBeGreaterThanOrEqual(moments);
      moments = proved.filter((name) => name.endsWith(".json")).length;
      kills.push(`kill ${kill} after ${grown} bytes, ${moments} moments proved`);
    }
    console.log(`seed ${SEED}\n${kills.join("\n")}`);

    const { summary, differences } = await start().result();
    expect(differences, kills.join("\n")).toEqual([]);
    expect(summary.ok).toBe(true);
    expect(summary.resumed!.put).toBeGreaterThan(0);
    expect(summary.resumed!.put).toBeLessThan(summary.events.put);
    expect(summary.resumed!.moments).toBe(moments);
    expect(summary.checked.moments).toBe(12);
    for (const { put, folded, duplicate, late, quarantined } of Object.values(summary.views)) {
      expect(folded + duplicate + late + quarantined).toBe(put);
    }

    // Asked again, it has nothing left to do and says the same.
    const again = (await start().result()).summary;
    expect(again.resumed).toEqual({ put: summary.events.put, moments: 12 });
    expect(again.views).toEqual(summary.views);
    expect(again.quality).toEqual(summary.quality);
  }, 900_000);
});
