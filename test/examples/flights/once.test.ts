import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { atDeparture } from "../../../examples/flights/definitions.ts";
import { type ReplayResult, replayOnce } from "../../../examples/flights/once.ts";

const range = { fromMs: Date.UTC(2001, 2, 5, 7), endMs: Date.UTC(2001, 2, 5, 7, 12) };

describe("a replay of twelve minutes of the file", () => {
  let folder: string;
  let result: ReplayResult;
  const lines = async (name: string): Promise<Record<string, unknown>[]> =>
    (await readFile(join(folder, name), "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "flights-"));
    const replayed = await replayOnce(
      {
        once: true,
        range,
        shards: 3,
        json: false,
        dump: join(folder, "dump.jsonl"),
        log: join(folder, "log.jsonl"),
        port: 0,
        quiet: true,
        faultSeed: null,
        resume: null,
      },
      new AbortController().signal,
    );
    result = replayed!;
  }, 300_000);

  afterAll(() => rm(folder, { recursive: true }));

  test("differs nowhere from the recount, and says what it looked at", () => {
    expect(result.differences).toEqual([]);
    const { checked, ok } = result.summary;
    expect(ok).toBe(true);
    expect(checked.moments).toBeGreaterThanOrEqual(12);
    expect(checked.entitiesAtMoments).toBe(80 * checked.moments);
    expect(checked.predictions).toBeGreaterThan(50);
    expect(checked.values).toBeGreaterThan(checked.predictions * atDeparture.vector.length);
  });

  test("ends every event put in one of the four counts of each view", () => {
    const { events, views } = result.summary;
    expect(events.put).toBe(events.departures + events.arrivals);
    expect(events.departures).toBeGreaterThan(100);
    for (const { put, folded, duplicate, late, quarantined } of Object.values(views)) {
      expect(folded + duplicate + late + quarantined).toBe(put);
    }
    expect(Object.keys(views)).toHaveLength(6);
  });

  test("dumps every entity, a line each", async () => {
    const dumped = await lines("dump.jsonl");
    expect(dumped).toHaveLength(result.summary.checked.entitiesAtEnd);
    const asOf = new Date(range.endMs).toISOString();
    expect(dumped.every((line) => line.asOf === asOf && line.version === 1)).toBe(true);
    const route = dumped.find(({ view }) => view === "route_departures")!;
    expect(Object.keys(route.key as object)).toEqual(["origin", "destination"]);
    expect(Object.keys(route.features as object)).toEqual(["departures_3h", "departures_24h"]);
    expect(dumped.find(({ view }) => view === "network")!.key).toEqual({});
  });

  test("logs every scored request", async () => {
    const logged = await lines("log.jsonl");
    expect(logged).toHaveLength(result.summary.checked.predictions);
    for (const { vector, positions, score } of logged) {
      expect(Object.keys(vector as object)).toEqual(atDeparture.vector);
      expect(Object.keys(positions as object)).toEqual(Object.keys(atDeparture.views));
      expect(score).toBeGreaterThan(0);
    }
  });
});
