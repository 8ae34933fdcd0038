import type { Schedule } from "./world/world.ts";

/** A schedule as a command line takes it. */
export function scheduleText({ records, firings, isSteady, isUnread }: Schedule): string {
  return JSON.stringify({
    ...(records === undefined ? {} : { records: rangesOf([...records]) }),
    ...(firings === undefined ? {} : { firings: [...firings] }),
    ...(isSteady === true ? { steady: true } : {}),
    ...(isUnread === true ? { unread: true } : {}),
  });
}

/** @throws SyntaxError for what {@link scheduleText} did not write. */
export function parseSchedule(text: string): Schedule {
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== "object" || parsed === null) throw new SyntaxError(`${text} is no schedule.`);
  const { records, firings, steady, unread } = parsed as Record<string, unknown>;
  if (records !== undefined && typeof records !== "string")
    throw new SyntaxError("records are text: 3-7,12.");
  if (firings !== undefined && !Array.isArray(firings)) throw new SyntaxError("firings are a list.");
  return {
    ...(records === undefined ? {} : { records: new Set(numbersOf(records)) }),
    ...(firings === undefined ? {} : { firings: new Set(firings.map(String)) }),
    ...(steady === true ? { isSteady: true } : {}),
    ...(unread === true ? { isUnread: true } : {}),
  };
}

function rangesOf(numbers: readonly number[]): string {
  const ranges: string[] = [];
  const sorted = [...numbers].sort((left, right) => left - right);
  for (let at = 0; at < sorted.length; ) {
    let end = at;
    while (sorted[end + 1] === sorted[end]! + 1) end++;
    ranges.push(at === end ? `${sorted[at]}` : `${sorted[at]}-${sorted[end]}`);
    at = end + 1;
  }
  return ranges.join(",");
}

function numbersOf(ranges: string): number[] {
  return ranges
    .split(",")
    .filter((range) => range !== "")
    .flatMap((range) => {
      const [first = 0, last = first] = range.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}
