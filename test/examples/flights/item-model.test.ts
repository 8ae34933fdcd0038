import { describe, expect, test } from "vitest";
import { modelItem } from "../../../examples/flights/check/item-model.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const hourly = [{ hopMs: 5 * MINUTE_MS, widthMs: HOUR_MS }];
const daily = [...hourly, { hopMs: HOUR_MS, widthMs: 24 * HOUR_MS }];
const START_MS = Date.UTC(2001, 4, 7);
const at = (hours: number, minutes = 0): number => START_MS + hours * HOUR_MS + minutes * MINUTE_MS;

describe("an item by the rules", () => {
  test("folds what its tiles still hold, whatever the order, and no more", () => {
    const item = modelItem(hourly);
    expect(item.deliver({ id: 1, timeMs: at(10, 3) })).toBe("folded");
    // The first tile kept begins at floor(10:03 - 1h - 5m) to five minutes: 08:55.
    expect(item.deliver({ id: 2, timeMs: at(8, 55) })).toBe("folded");
    expect(item.deliver({ id: 3, timeMs: at(8, 54) })).toBe("late");
    expect(item.deliver({ id: 4, timeMs: at(10, 4) })).toBe("folded");
    expect(item.total).toEqual({ folded: 3, duplicate: 0, late: 1 });
  });

  test("is late for no level only when it is late for all", () => {
    const item = modelItem(daily);
    item.deliver({ id: 1, timeMs: at(30) });
    // floor(30:00 - 24h - 5m) to an hour: 05:00.
    expect(item.deliver({ id: 2, timeMs: at(5) })).toBe("folded");
    expect(item.deliver({ id: 3, timeMs: at(4, 59) })).toBe("late");
  });

  test("of a lifetime holds all, and never begins again", () => {
    const item = modelItem([{ hopMs: 24 * HOUR_MS, widthMs: Number.POSITIVE_INFINITY }]);
    item.deliver({ id: 1, timeMs: at(0) });
    expect(item.deliver({ id: 2, timeMs: at(24 * 60) })).toBe("folded");
    expect(item.deliver({ id: 3, timeMs: at(-24 * 60) })).toBe("folded");
    expect(item.held).toEqual({ folded: 3, duplicate: 0, late: 0 });
  });

  test("takes whatever comes first, however old", () => {
    const item = modelItem(hourly);
    expect(item.deliver({ id: 1, timeMs: at(-40) })).toBe("folded");
    expect(item.deliver({ id: 2, timeMs: at(-40, -3) })).toBe("folded");
  });

  test("knows an id again among the last 128 of a day, a late one's too", () => {
    const item = modelItem(daily);
    item.deliver({ id: 0, timeMs: at(30) });
    expect(item.deliver({ id: 1, timeMs: at(1) })).toBe("late");
    expect(item.deliver({ id: 1, timeMs: at(1) })).toBe("duplicate");
    for (let id = 2; id < 128; id += 1) item.deliver({ id, timeMs: at(30, 1) });
    expect(item.deliver({ id: 0, timeMs: at(30) })).toBe("duplicate");
    item.deliver({ id: 128, timeMs: at(30, 1) });
    expect(item.deliver({ id: 0, timeMs: at(30) })).toBe("folded");

    const quiet = modelItem(daily);
    quiet.deliver({ id: 1, timeMs: at(0) });
    quiet.deliver({ id: 2, timeMs: at(24) });
    expect(quiet.deliver({ id: 1, timeMs: at(0) })).toBe("duplicate");
    // An event of a later time lets go of what came more than a day before it.
    quiet.deliver({ id: 3, timeMs: at(24, 1) });
    expect(quiet.deliver({ id: 1, timeMs: at(0) })).toBe("folded");
  });

  test("begins again after its windows, a hop and the slack without an event", () => {
    const item = modelItem(daily);
    item.deliver({ id: 1, timeMs: at(0) });
    item.deliver({ id: 1, timeMs: at(0) });
    expect(item.deliver({ id: 2, timeMs: at(25, 5) })).toBe("folded");
    expect(item.held).toEqual({ folded: 2, duplicate: 1, late: 0 });
    expect(item.deliver({ id: 3, timeMs: at(50, 11) })).toBe("folded");
    expect(item.held).toEqual({ folded: 1, duplicate: 0, late: 0 });
    expect(item.total).toEqual({ folded: 3, duplicate: 1, late: 0 });
  });
});
