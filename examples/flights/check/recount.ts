import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { flightsFile, type TimeRange } from "../flights.ts";
import { RECOUNTED_VIEWS, type RecountedView, recountedFeatures, recountSql } from "./recount-views.ts";

/** Features of one entity as the raw file gives them; null where there is nothing to compute from. */
export type RecountedFeatures = Readonly<Record<string, number | null>>;

/** One view at one time: the entities with an event since the replay began, by key (values joined by `|`). */
export interface RecountedReading {
  readonly features: ReadonlyMap<string, RecountedFeatures>;
  /** What an entity without events answers: 0 for counts and distincts, null for the rest. */
  readonly empty: RecountedFeatures;
}

/** Recounts features over the raw parquet file, in SQL: nothing of the engine or of the definitions is in it. */
export interface Recount {
  /** Every entity of a view at `asOfMs`, from the events of [start of the replay, asOfMs). */
  readView(view: RecountedView, asOfMs: number): Promise<RecountedReading>;
  /** How many events each stream has in the range. */
  countEvents(): Promise<{ readonly departures: number; readonly arrivals: number }>;
  close(): void;
}

/**
 * Loads the events of a replay into an in-memory DuckDB. Landing is scheduled + max(1, 30 + distance / 8, rounded,
 * + delay) minutes.
 */
export async function openRecount(range: TimeRange, file = flightsFile()): Promise<Recount> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const within = "WHERE t >= CAST($fromMs AS BIGINT) AND t < CAST($endMs AS BIGINT)";
  const parameters = { file, fromMs: range.fromMs, endMs: range.endMs };
  await connection.run(
    `CREATE TABLE departures AS SELECT * FROM (
       SELECT epoch_ms(date) AS t, origin, destination FROM read_parquet($file)) ${within}`,
    parameters,
  );
  await connection.run(
    `CREATE TABLE arrivals AS SELECT * FROM (
       SELECT epoch_ms(date) + 60000 * greatest(1, 30 + CAST(round(distance / 8) AS BIGINT) + delay) AS t,
              origin, destination, delay FROM read_parquet($file)) ${within}`,
    parameters,
  );
  return {
    readView: (view, asOfMs) => readView(connection, view, asOfMs),
    countEvents: async () => {
      const result = await connection.runAndReadAll(
        `SELECT CAST((SELECT count(*) FROM departures) AS DOUBLE), CAST((SELECT count(*) FROM arrivals) AS DOUBLE)`,
      );
      const [departures, arrivals] = result.getRows()[0] as [number, number];
      return { departures, arrivals };
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function readView(
  connection: DuckDBConnection,
  view: RecountedView,
  asOfMs: number,
): Promise<RecountedReading> {
  const result = await connection.runAndReadAll(recountSql(view, asOfMs));
  const names = result.columnNames();
  const keyLength = RECOUNTED_VIEWS[view].key.length;
  const features = new Map<string, RecountedFeatures>();
  for (const row of result.getRows()) {
    const values = names.slice(keyLength).map((name, index) => [name, row[keyLength + index]] as const);
    features.set(row.slice(0, keyLength).join("|"), Object.fromEntries(values) as RecountedFeatures);
  }
  const empty = Object.fromEntries(recountedFeatures(view).map((feature) => [feature.name, feature.empty]));
  return { features, empty };
}
