import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { DuckDBConnection } from "@duckdb/node-api";

/** One row of the file: a flight that took place. */
export interface Flight {
  /** Its row in the file, from 0: what names it, since identical rows exist that are different flights. */
  readonly row: number;
  /** Scheduled departure, epoch milliseconds, a whole minute. The file names no time zone: it is taken as UTC. */
  readonly scheduledMs: number;
  /** Minutes late; negative is early. */
  readonly delay: number;
  /** Miles. */
  readonly distance: number;
  readonly origin: string;
  readonly destination: string;
}

/** A stretch of time, epoch milliseconds: `fromMs` included, `endMs` not. */
export interface TimeRange {
  readonly fromMs: number;
  readonly endMs: number;
}

export const DAY_MS = 86_400_000;
export const MINUTE_MS = 60_000;

/** The days of the file. Its last one has the flights of its first minute, and the landings of the day before. */
export const FILE_RANGE: TimeRange = { fromMs: Date.UTC(2001, 0, 1), endMs: Date.UTC(2001, 6, 2) };

/** The parquet file in the package vega-datasets: 3 million flights of January to June 2001. */
export function flightsFile(): string {
  const entry = pathToFileURL(createRequire(import.meta.url).resolve("vega-datasets"));
  return fileURLToPath(new URL("../data/flights-3m.parquet", entry));
}

/** The flights scheduled in a range, in the order of (scheduled, row). */
export async function loadFlights(
  connection: DuckDBConnection,
  range: TimeRange,
  file = flightsFile(),
): Promise<readonly Flight[]> {
  const result = await connection.runAndReadAll(
    `SELECT CAST(file_row_number AS DOUBLE), CAST(epoch_ms(date) AS DOUBLE), CAST(delay AS DOUBLE),
            CAST(distance AS DOUBLE), origin, destination
     FROM read_parquet($file, file_row_number = true)
     WHERE date >= make_timestamp_ms(CAST($fromMs AS BIGINT)) AND date < make_timestamp_ms(CAST($endMs AS BIGINT))
     ORDER BY date, file_row_number`,
    { file, fromMs: range.fromMs, endMs: range.endMs },
  );
  const [row, scheduledMs, delay, distance, origin, destination] = result.getColumns() as [
    number[],
    number[],
    number[],
    number[],
    string[],
    string[],
  ];
  return row.map((_, index) => ({
    row: row[index]!,
    scheduledMs: scheduledMs[index]!,
    delay: delay[index]!,
    distance: distance[index]!,
    origin: origin[index]!,
    destination: destination[index]!,
  }));
}
