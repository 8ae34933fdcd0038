import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";

// A second implementation of what definitions.ts asks for, in SQL over the raw events. It knows nothing of the engine.

/** What SQL finds of a user at a moment. */
export interface RecountedUser {
  readonly rolling: number;
  readonly lastMinute: number;
  readonly total: number;
  readonly visitClicks: number;
  readonly visitStartMs: number | null;
}

/** What SQL finds of a minute. */
export interface RecountedMinute {
  readonly active: number;
  readonly alerts: readonly { readonly user: string; readonly clicks: number }[];
}

/** A recount of raw events. */
export interface Recount {
  /** Every user who had clicked, by name: as of a moment, from what had come in before `knownMs`. */
  users(momentMs: number, knownMs: number): Promise<ReadonlyMap<string, RecountedUser>>;
  /** Each minute that has clicks, by its start: from everything, whenever it came in. */
  minutes(): Promise<ReadonlyMap<number, RecountedMinute>>;
  /** Records, and different events among them. */
  records(): Promise<{ readonly put: number; readonly distinct: number }>;
  close(): void;
}

/** A repeated event counts once, as of when it first came in. */
const LOAD = `
CREATE TABLE records AS
SELECT id, "user", epoch_ms("at"::TIMESTAMP) AS at_ms, epoch_ms("arrivedAt"::TIMESTAMP) AS arrived_ms
FROM read_json($file, format = 'newline_delimited',
  columns = {id: 'VARCHAR', "user": 'VARCHAR', "at": 'VARCHAR', "arrivedAt": 'VARCHAR'});
`;
const DEDUPLICATE = `
CREATE TABLE clicks AS
SELECT id, "user", at_ms, min(arrived_ms) AS arrived_ms FROM records GROUP BY id, "user", at_ms
`;

/**
 * Sessions: runs of clicks less than 3 minutes apart, the last of each user, if it is not over at the moment. A run of
 * more than 15 minutes is cut as it goes: the first click more than 15 minutes after a session's first begins the next.
 */
const USERS = `
WITH RECURSIVE
known AS (SELECT "user", at_ms FROM clicks WHERE arrived_ms < $known),
counts AS (
  SELECT "user",
    count(*) FILTER (at_ms < $moment AND at_ms >= ($moment - 300000) // 10000 * 10000) AS rolling,
    count(*) FILTER (at_ms // 60000 = $moment // 60000 - 1) AS last_minute,
    count(*) AS total
  FROM known GROUP BY "user"),
gaps AS (
  SELECT *, coalesce(at_ms - lag(at_ms) OVER (PARTITION BY "user" ORDER BY at_ms) >= 180000, true) AS opens
  FROM known),
runs AS (SELECT *, sum(opens::INT) OVER (PARTITION BY "user" ORDER BY at_ms ROWS UNBOUNDED PRECEDING) AS run FROM gaps),
open_run AS (
  SELECT "user", at_ms FROM runs
  QUALIFY run = max(run) OVER (PARTITION BY "user") AND max(at_ms) OVER (PARTITION BY "user") + 180000 > $moment),
starts AS (
  SELECT "user", min(at_ms) AS start_ms FROM open_run GROUP BY "user"
  UNION ALL
  SELECT starts."user", min(open_run.at_ms) FROM starts
  JOIN open_run ON open_run."user" = starts."user" AND open_run.at_ms > starts.start_ms + 900000
  GROUP BY starts."user"),
sessions AS (SELECT "user", max(start_ms) AS start_ms FROM starts GROUP BY "user"),
visits AS (
  SELECT sessions."user", start_ms, count(*) AS clicks FROM sessions
  JOIN open_run ON open_run."user" = sessions."user" AND open_run.at_ms >= start_ms
  GROUP BY ALL)
SELECT counts.*, coalesce(visits.clicks, 0) AS visit_clicks, visits.start_ms
FROM counts LEFT JOIN visits ON visits."user" = counts."user"
`;

const MINUTES = `
WITH per_user AS (SELECT at_ms // 60000 * 60000 AS minute_ms, "user", count(*) AS clicks FROM clicks GROUP BY ALL)
SELECT minute_ms, count(*) AS active,
  list({user: "user", clicks: clicks} ORDER BY "user") FILTER (clicks > 50) AS alerts
FROM per_user GROUP BY minute_ms
`;

const RECORDS = `SELECT count(*) AS put, (SELECT count(*) FROM clicks) AS different FROM records`;

/** Reads a file of raw events, a JSON object a line. */
export async function openRecount(file: string): Promise<Recount> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const close = (): void => {
    connection.closeSync();
    instance.closeSync();
  };
  try {
    await connection.run(LOAD, { file });
    await connection.run(DEDUPLICATE);
  } catch (error) {
    close();
    throw error;
  }
  return {
    users: async (momentMs, knownMs) => {
      const rows = await rowsOf(connection, USERS, { moment: BigInt(momentMs), known: BigInt(knownMs) });
      return new Map(
        rows.map((row) => [
          String(row.user),
          {
            rolling: Number(row.rolling),
            lastMinute: Number(row.last_minute),
            total: Number(row.total),
            visitClicks: Number(row.visit_clicks),
            visitStartMs: row.start_ms === null ? null : Number(row.start_ms),
          },
        ]),
      );
    },
    minutes: async () => {
      const rows = await rowsOf(connection, MINUTES);
      return new Map(
        rows.map(({ minute_ms, active, alerts }) => [
          Number(minute_ms),
          { active: Number(active), alerts: alertsOf(alerts) },
        ]),
      );
    },
    records: async () => {
      const [row] = await rowsOf(connection, RECORDS);
      return { put: Number(row!.put), distinct: Number(row!.different) };
    },
    close,
  };
}

type Row = Readonly<Record<string, unknown>>;

async function rowsOf(
  connection: DuckDBConnection,
  sql: string,
  values: Readonly<Record<string, bigint>> = {},
): Promise<readonly Row[]> {
  const reader = await connection.runAndReadAll(sql, values);
  return reader.getRowObjectsJson();
}

function alertsOf(list: unknown): RecountedMinute["alerts"] {
  const alerts = (list ?? []) as readonly { readonly user: string; readonly clicks: string }[];
  return alerts.map(({ user, clicks }) => ({ user, clicks: Number(clicks) }));
}
