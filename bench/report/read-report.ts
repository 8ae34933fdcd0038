import { readFileSync } from "node:fs";
import { z } from "zod";
import type { BenchReport } from "./report.ts";

const figure = z.object({
  case: z.string(),
  measure: z.string(),
  unit: z.string(),
  better: z.enum(["higher", "lower", "neither"]),
  runs: z.array(z.number()).min(1),
  median: z.number(),
  lowest: z.number(),
  highest: z.number(),
  goal: z.number().nullable(),
  reached: z.boolean().nullable(),
});

const report = z.object({
  report: z.literal("freshet-bench"),
  version: z.literal(1),
  bench: z.string(),
  startedAt: z.string(),
  seconds: z.number(),
  commit: z.object({ hash: z.string().nullable(), changed: z.boolean() }),
  machine: z.object({
    processor: z.string(),
    cores: z.number(),
    memoryGiB: z.number(),
    platform: z.string(),
    node: z.string(),
    v8: z.string(),
    loadBefore: z.number(),
  }),
  settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  figures: z.array(figure),
});

/** Why a file cannot be compared with. */
export class ReportUnreadable extends Error {}

/**
 * Reads a report that an earlier run wrote: a file that holds it alone, or on its last line.
 *
 * @throws ReportUnreadable
 */
export function readReport(file: string): BenchReport {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new ReportUnreadable(`${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
  const lastLine = text.trim().split("\n").at(-1)!;
  let parsed: unknown;
  try {
    parsed = JSON.parse(lastLine);
  } catch (cause) {
    throw new ReportUnreadable(
      `${file} is no report of a benchmark: its last line is not JSON. --output FILE, or --json, writes one.`,
      { cause },
    );
  }
  const checked = report.safeParse(parsed);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  throw new ReportUnreadable(
    `${file} is no report of a benchmark, or of another release: ${issue!.path.join(".") || "it"}: ${issue!.message}.`,
  );
}
