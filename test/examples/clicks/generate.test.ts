import { describe, expect, test } from "vitest";
import { deliveriesOf } from "../../../examples/clicks/generate/deliveries.ts";
import { usersOf } from "../../../examples/clicks/generate/user.ts";
import { GRACE_MS, MINUTE_MS, momentsOf, SETTLING_MS } from "../../../examples/clicks/times.ts";

const fromMs = Date.UTC(2024, 2, 1, 12);
const range = { fromMs, endMs: fromMs + 40 * MINUTE_MS };
const users = usersOf(100);
const deliveries = deliveriesOf(users, range, 1);
const atMs = (at: string): number => Date.parse(at);

function timesOf(name: string): readonly number[] {
  const own = deliveries.filter(({ click, isRepeat }) => click.user === name && !isRepeat);
  return own.map(({ click }) => atMs(click.at)).sort((left, right) => left - right);
}

/** Runs of clicks less than three minutes apart. */
function runsOf(times: readonly number[]): readonly (readonly number[])[] {
  const runs: number[][] = [];
  for (const time of times) {
    const last = runs.at(-1);
    if (last !== undefined && time - last.at(-1)! < 3 * MINUTE_MS) last.push(time);
    else runs.push([time]);
  }
  return runs;
}

const lengthMs = (run: readonly number[]): number => run.at(-1)! - run[0]!;

describe("generated clicks", () => {
  test("are the same for the same seed, and others for another", () => {
    expect(deliveriesOf(users, range, 1)).toEqual(deliveries);
    expect(deliveriesOf(users, range, 2)).not.toEqual(deliveries);
  });

  test("come in after they were made and before their minute is looked at, in order of arrival", () => {
    const sorted = deliveries.toSorted((left, right) => left.arrivedMs - right.arrivedMs);
    expect(deliveries.map(({ arrivedMs }) => arrivedMs)).toEqual(sorted.map(({ arrivedMs }) => arrivedMs));
    for (const { arrivedMs, click } of deliveries) {
      expect(atMs(click.arrivedAt)).toBe(arrivedMs);
      expect(arrivedMs - atMs(click.at)).toBeGreaterThan(0);
      expect(arrivedMs - atMs(click.at)).toBeLessThan(GRACE_MS - SETTLING_MS);
    }
    expect(momentsOf(range).at(-1)).toBe(range.endMs + GRACE_MS);
  });

  test("are out of order now and then, and come twice under one id", () => {
    const first = deliveries.filter(({ isRepeat }) => !isRepeat);
    const ids = new Set(first.map(({ click }) => click.id));
    expect(ids.size).toBe(first.length);
    const repeats = deliveries.filter(({ isRepeat }) => isRepeat);
    expect(repeats.length).toBeGreaterThan(first.length / 100);
    for (const { click, arrivedMs } of repeats) {
      const original = first.find((other) => other.click.id === click.id)!;
      expect(original.arrivedMs).toBeLessThan(arrivedMs);
      expect({ ...click, arrivedAt: "" }).toEqual({ ...original.click, arrivedAt: "" });
    }
    let newestMs = 0;
    let outOfOrder = 0;
    for (const { click } of first) {
      if (atMs(click.at) < newestMs - 1_000) outOfOrder += 1;
      newestMs = Math.max(newestMs, atMs(click.at));
    }
    expect(outOfOrder).toBeGreaterThan(first.length / 100);
  });

  test("make one session of a reader's visit, and cut some of a crawler's", () => {
    const longest = (kind: string): number =>
      Math.max(
        ...users
          .filter((user) => user.kind === kind)
          .flatMap(({ name }) => runsOf(timesOf(name)).map(lengthMs)),
      );
    expect(longest("reader")).toBeLessThan(15 * MINUTE_MS);
    expect(longest("crawler")).toBeGreaterThan(15 * MINUTE_MS);
    const visits = users.map(({ name }) => runsOf(timesOf(name)).length);
    expect(Math.max(...visits)).toBeGreaterThan(2);
  });

  test("of crawlers come to about fifty in a full minute", () => {
    const counts = users
      .filter(({ kind }) => kind === "crawler")
      .flatMap(({ name }) => {
        const perMinute = new Map<number, number>();
        for (const time of timesOf(name)) {
          const minute = Math.floor(time / MINUTE_MS);
          perMinute.set(minute, (perMinute.get(minute) ?? 0) + 1);
        }
        return [...perMinute.values()];
      });
    expect(counts.filter((count) => count > 50).length).toBeGreaterThan(5);
    expect(counts.filter((count) => count > 40 && count <= 50).length).toBeGreaterThan(5);
  });
});
