import { type DuckDBConnection, DuckDBInstance, DuckDBListValue, type DuckDBValue } from "@duckdb/node-api";
import { flightsFile, type TimeRange } from "../flights.ts";
import { eventHash } from "./event-hash.ts";
import {
  RECOUNTED_VIEW_NAMES,
  RECOUNTED_VIEWS,
  type RecountedView,
  recountedFeatures,
  recountSql,
} from "./recount-views.ts";

/** A number, a list of them, or null where there is nothing to compute from. */
export type RecountedResult = number | readonly number[] | null;

/** Features of one entity as the raw file gives them. */
export type RecountedFeatures = Readonly<Record<string, RecountedResult>>;

/** One view at one time: the entities with an event since the replay began, by key (values joined by `|`). */
export interface RecountedReading {
  readonly features: ReadonlyMap<string, RecountedFeatures>;
  /** What an entity without events answers: 0 for counts and distincts, null for the rest. */
  readonly empty: RecountedFeatures;
}

/** The records of a view that count, if not every event of its stream at its time: rows of the file, and when they were put. */
export type FoldedRecords = Readonly<
  Record<RecountedView, readonly { readonly row: number; readonly atMs: number }[]>
>;

/** Recounts features over the raw parquet file, in SQL: nothing of the engine or of the definitions is in it. */
export interface Recount {
  /** Every entity of a view at `asOfMs`, from what was put in [start of the replay, asOfMs). */
  readView(view: RecountedView, asOfMs: number): Promise<RecountedReading>;
  /** How many events each stream has in the range. */
  countEvents(): Promise<{ readonly departures: number; readonly arrivals: number }>;
  close(): void;
}

/**
 * Loads the events of a replay into an in-memory DuckDB. Landing is scheduled + max(1, 30 + distance / 8, rounded,
 * + delay) minutes.
 *
 * @param options.folded - Where faults decide it: which records count, and since when.
 */
export async function openRecount(
  range: TimeRange,
  options: { readonly file?: string; readonly folded?: FoldedRecords } = {},
): Promise<Recount> {
  const { file = flightsFile(), folded } = options;
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  // Events of the days before may be put late.
  const within =
    folded === undefined
      ? "WHERE t >= CAST($fromMs AS BIGINT) AND t < CAST($endMs AS BIGINT)"
      : "WHERE t >= CAST($fromMs AS BIGINT) - 604800000 AND t < CAST($endMs AS BIGINT)";
  const parameters = { file, fromMs: range.fromMs, endMs: range.endMs };
  const raw = "read_parquet($file, file_row_number = true)";
  await connection.run(
    `CREATE TABLE departures AS SELECT * FROM (
       SELECT file_row_number AS flight, epoch_ms(date) AS t, origin, destination FROM ${raw}) ${within}`,
    parameters,
  );
  await connection.run(
    `CREATE TABLE arrivals AS SELECT * FROM (
       SELECT file_row_number AS flight,
              epoch_ms(date) + 60000 * greatest(1, 30 + CAST(round(distance / 8) AS BIGINT) + delay) AS t,
              origin, destination, delay FROM ${raw}) ${within}`,
    parameters,
  );
  await hashArrivals(connection);
  for (const view of RECOUNTED_VIEW_NAMES) {
    const { stream } = RECOUNTED_VIEWS[view];
    if (folded === undefined) {
      await connection.run(`CREATE VIEW ${view} AS SELECT *, t AS put FROM ${stream}`);
    } else {
      await loadFolded(connection, view, folded[view]);
    }
  }
  return {
    readView: (view, asOfMs) => readView(connection, view, asOfMs),
    countEvents: async () => {
      const result = await connection.runAndReadAll(
        `SELECT CAST((SELECT count(*) FROM departures WHERE t >= ${range.fromMs}) AS DOUBLE),
                CAST((SELECT count(*) FROM arrivals WHERE t >= ${range.fromMs}) AS DOUBLE)`,
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

/** Adds what orders the arrivals of a minute: SQL has no such hash. */
async function hashArrivals(connection: DuckDBConnection): Promise<void> {
  const flights = await connection.runAndReadAll("SELECT CAST(flight AS INTEGER) FROM arrivals");
  await connection.run("CREATE TABLE hashes (flight INTEGER, hash UBIGINT)");
  const appender = await connection.createAppender("hashes");
  for (const [flight] of flights.getRows() as [number][]) {
    appender.appendInteger(flight);
    appender.appendUBigInt(eventHash(`a${flight}`));
    appender.endRow();
  }
  appender.closeSync();
  await connection.run(
    "CREATE OR REPLACE TABLE arrivals AS SELECT * FROM arrivals JOIN hashes USING (flight)",
  );
}

/** Joins what was put with the file: its values are the file's own. */
async function loadFolded(
  connection: DuckDBConnection,
  view: RecountedView,
  records: FoldedRecords[RecountedView],
): Promise<void> {
  const { stream } = RECOUNTED_VIEWS[view];
  await connection.run(`CREATE TABLE put_${view} (flight INTEGER, put DOUBLE)`);
  const appender = await connection.createAppender(`put_${view}`);
  for (const { row, atMs } of records) {
    appender.appendInteger(row);
    appender.appendDouble(atMs);
    appender.endRow();
  }
  appender.closeSync();
  await connection.run(
    `CREATE TABLE ${view} AS SELECT events.*, put FROM put_${view} JOIN ${stream} AS events USING (flight)`,
  );
  const counted = await connection.runAndReadAll(`SELECT CAST(count(*) AS DOUBLE) FROM ${view}`);
  const joined = counted.getRows()[0]![0];
  if (joined !== records.length) {
    throw new Error(`${view}: ${records.length} records were put, ${joined} of them are in the file`);
  }
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
    const values = names
      .slice(keyLength)
      .map((name, index) => [name, resultOf(row[keyLength + index]!)] as const);
    features.set(row.slice(0, keyLength).join("|"), Object.fromEntries(values));
  }
  const empty = Object.fromEntries(recountedFeatures(view).map((feature) => [feature.name, feature.empty]));
  return { features, empty };
}

function resultOf(value: DuckDBValue): RecountedResult {
  return (value instanceof DuckDBListValue ? value.items : value) as RecountedResult;
}
