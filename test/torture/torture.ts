import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Summary } from "../../examples/flights/summary/summary.ts";
import { mixSeed, seededRandom } from "../../examples/statistics/random.ts";
import { type Disk, fingerprint, type Wrap } from "./disk.ts";
import { chooseKillMoment, journalBytes, waitForMoment } from "./kill-moment.ts";
import { type ReplayEnd, type ReplayProcess, startReplay } from "./replay-process.ts";

/** What was done to the replay, and what it ended with. */
export interface TortureResult {
  readonly seed: number;
  readonly kills: number;
  /** Kills before the first record was put, or while the process started again. */
  readonly killsWhileStarting: number;
  /** Days that were replayed: one, and another for as often as one ended before all kills were made. */
  readonly rounds: number;
  readonly disk: Disk["kind"];
  /** Times that the disk was full, and the folder read-only: each ended the process with an error. */
  readonly fullDisk: number;
  readonly readOnly: number;
  readonly recordsPut: number;
  readonly momentsProved: number;
  readonly seconds: number;
  /** What is wrong; none: exact. */
  readonly faults: readonly string[];
}

/** What is thrown when it was asked to stop. */
export class Stopped extends Error {}

/** Room that a full disk has left: enough for the process to start and put, not for the day. */
const ROOM_BYTES = { least: 40_000, most: 400_000 };

/** Kills, fills up and write-protects a replay, then lets it end. @throws Stopped */
export async function torture(options: {
  readonly kills: number;
  readonly seed: number;
  readonly disk: Disk;
  readonly stop: AbortSignal;
  readonly tell: (line: string) => void;
}): Promise<TortureResult> {
  const { seed, disk, stop, tell } = options;
  const startedMs = performance.now();
  const random = seededRandom(seed);
  const faults: string[] = [];
  const done = { kills: 0, killsWhileStarting: 0, fullDisk: 0, readOnly: 0, recordsPut: 0, momentsProved: 0 };
  let round = 1;

  const begin = (wrap?: Wrap): ReplayProcess => {
    if (stop.aborted) throw new Stopped();
    const faultSeed = (mixSeed(seed, round) >>> 0) % 1_000_000_000;
    const replay = startReplay({ folder: disk.folderOf(round), faultSeed, wrap });
    const giveUp = () => void replay.child.kill("SIGKILL");
    stop.addEventListener("abort", giveUp);
    void replay.ended.then(() => stop.removeEventListener("abort", giveUp));
    return replay;
  };
  const endOf = async (replay: ReplayProcess): Promise<ReplayEnd> => {
    const end = await replay.ended;
    if (stop.aborted) throw new Stopped();
    return end;
  };

  /** The day must have ended well, and be found so when it is asked again. */
  async function endRound(first: ReplayEnd): Promise<void> {
    const where = `day ${round}`;
    const again = await endOf(begin());
    for (const [when, { exitCode, errors, summary }] of [
      ["at its end", first],
      ["asked again", again],
    ] as const) {
      if (exitCode !== 0 || summary === null || !summary.ok)
        faults.push(`${where} ${when}: exit ${exitCode}, ${summary?.differences} differences: ${errors}`);
      for (const [view, counts] of Object.entries(summary?.views ?? {})) {
        const { put, folded, duplicate, late, quarantined } = counts;
        if (folded + duplicate + late + quarantined !== put)
          faults.push(`${where} ${when}: ${view} put ${put} and counts ${JSON.stringify(counts)}`);
      }
    }
    const whatStays = (summary: Summary | null) => JSON.stringify([summary?.views, summary?.quality]);
    if (whatStays(first.summary) !== whatStays(again.summary))
      faults.push(`${where} says another when asked again`);
    done.recordsPut += first.summary?.events.put ?? 0;
    done.momentsProved += first.summary?.checked.moments ?? 0;
    tell(`${where} ended, ${first.summary?.differences} differences`);
    round += 1;
  }

  async function killOnce(): Promise<void> {
    const folder = disk.folderOf(round);
    const moment = chooseKillMoment(random, options.kills);
    const before = await journalBytes(folder);
    const replay = begin();
    let hasEnded = false;
    void replay.ended.then(() => {
      hasEnded = true;
    });
    await waitForMoment(folder, moment, () => hasEnded);
    replay.child.kill("SIGKILL");
    const end = await endOf(replay);
    if (end.signal !== "SIGKILL") return endedBeforeKill(end);
    const grownBytes = (await journalBytes(folder)) - before;
    done.kills += 1;
    if (grownBytes === 0) done.killsWhileStarting += 1;
    const moments = (await readdir(join(folder, "proof", "moments")).catch(() => [])).length;
    tell(`kill ${done.kills} of ${options.kills}: after ${grownBytes} bytes, ${moments} moments proved`);
  }

  async function endedBeforeKill(end: ReplayEnd): Promise<void> {
    if (end.exitCode === 0) return endRound(end);
    throw new Error(`the replay ended with ${end.exitCode}, and nobody had touched it: ${end.errors}`);
  }

  /** A process that cannot write says so and ends; nothing is lost by it, as the end shows. */
  function expectRefusal(what: string, { exitCode, errors }: ReplayEnd): void {
    if (exitCode === 0 || exitCode === null || !/cannot be written|could not be written/.test(errors))
      faults.push(`${what}: the replay ended with ${exitCode}: ${errors}`);
    tell(`${what}: exit ${exitCode}, ${errors.trim().split("\n").at(-1)}`);
  }

  async function fillUp(): Promise<void> {
    const folder = disk.folderOf(round);
    const roomBytes = Math.floor(ROOM_BYTES.least + random() * (ROOM_BYTES.most - ROOM_BYTES.least));
    const end = await disk.whileFull(folder, roomBytes, (wrap) => endOf(begin(wrap)));
    if (end.exitCode === 0) return endRound(end);
    expectRefusal(`disk full after ${roomBytes} bytes`, end);
    done.fullDisk += 1;
  }

  async function protect(): Promise<void> {
    const folder = disk.folderOf(round);
    const before = await fingerprint(folder);
    expectRefusal("read-only folder", await disk.whileReadOnly(folder, () => endOf(begin())));
    if ((await fingerprint(folder)) !== before) faults.push("a read-only folder was changed");
    done.readOnly += 1;
  }

  while (done.kills < options.kills || done.fullDisk === 0 || done.readOnly === 0) {
    const folder = disk.folderOf(round);
    const isBegun = (await journalBytes(folder)) > 0;
    if (isBegun && done.fullDisk === 0 && done.kills >= options.kills / 3) await fillUp();
    else if (isBegun && done.readOnly === 0 && done.kills >= (2 * options.kills) / 3) await protect();
    else await killOnce();
  }
  await endRound(await endOf(begin()));
  const seconds = (performance.now() - startedMs) / 1_000;
  return { seed, rounds: round - 1, disk: disk.kind, ...done, seconds, faults };
}
