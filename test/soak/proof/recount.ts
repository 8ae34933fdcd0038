import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";

// A second implementation of what definitions.ts asks for, in SQL over the file of what was put. It knows nothing of the
// engine.

/** What SQL finds, by name of the feature. */
export type RecountedFeatures = Readonly<Record<string, number | null>>;

/** What SQL finds of all that was put, as of a moment. */
export interface Recount {
  readonly accounts: ReadonlyMap<string, RecountedFeatures>;
  readonly merchants: ReadonlyMap<string, RecountedFeatures>;
  readonly all: RecountedFeatures;
  /** Records put, by what must become of them. */
  readonly fates: Readonly<Record<string, number>>;
}

/** A repeat is a row of the payment that it repeats. */
const LOAD = `
CREATE TABLE records AS SELECT * FROM read_csv($file, header = false, delim = ',', columns =
  {fate: 'VARCHAR', id: 'VARCHAR', account: 'VARCHAR', merchant: 'VARCHAR', cents: 'BIGINT', made: 'BIGINT'});
`;
const PAYMENTS = `
CREATE TABLE payments AS
SELECT DISTINCT id, account, merchant, cents, made, fate = 'late' AS is_late
FROM records WHERE fate IN ('counts', 'repeat', 'late')
`;

/** A window's tail moves by hops: 30 s by one second, 2 m by ten. */
const IN_30S = "made >= ($moment - 30000) // 1000 * 1000";
const IN_2M = "made >= ($moment - 120000) // 10000 * 10000";

const ACCOUNTS = `
SELECT account AS key,
  count(*) FILTER (${IN_30S}) AS payments_30s,
  count(*) FILTER (${IN_2M}) AS payments_2m,
  count(*) AS payments_lifetime,
  sum(cents) FILTER (${IN_30S}) AS spent_30s,
  sum(cents) FILTER (${IN_2M}) AS spent_2m,
  sum(cents) AS spent_lifetime,
  max(cents) FILTER (${IN_2M}) AS largest_2m,
  count(DISTINCT merchant) FILTER (${IN_2M}) AS merchants_2m
FROM payments GROUP BY account
`;
const MERCHANTS = `
SELECT merchant AS key,
  count(*) FILTER (${IN_30S}) AS payments_30s,
  count(*) FILTER (${IN_2M}) AS payments_2m,
  sum(cents) FILTER (${IN_30S}) AS taken_30s,
  sum(cents) FILTER (${IN_2M}) AS taken_2m,
  min(cents) FILTER (${IN_2M}) AS smallest_2m,
  max(cents) FILTER (${IN_2M}) AS largest_2m
FROM payments WHERE NOT is_late GROUP BY merchant
`;
const ALL = `
SELECT 'all' AS key,
  count(*) FILTER (${IN_30S}) AS payments_30s,
  count(*) FILTER (${IN_2M}) AS payments_2m,
  sum(cents) FILTER (${IN_30S}) AS taken_30s,
  sum(cents) FILTER (${IN_2M}) AS taken_2m,
  max(cents) FILTER (${IN_2M}) AS largest_2m
FROM payments WHERE NOT is_late
`;
const FATES = "SELECT fate AS key, count(*) AS records FROM records GROUP BY fate";

/** Recounts a file of what was put, as of a moment that is after all of it. */
export async function recount(file: string, momentMs: number): Promise<Recount> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    await connection.run(LOAD, { file });
    await connection.run(PAYMENTS);
    const moment = { moment: BigInt(momentMs) };
    const fates = await byKey(connection, FATES, {});
    return {
      accounts: await byKey(connection, ACCOUNTS, moment),
      merchants: await byKey(connection, MERCHANTS, moment),
      all: (await byKey(connection, ALL, moment)).get("all")!,
      fates: Object.fromEntries([...fates].map(([fate, { records }]) => [fate, records!])),
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function byKey(
  connection: DuckDBConnection,
  sql: string,
  values: Readonly<Record<string, bigint>>,
): Promise<ReadonlyMap<string, RecountedFeatures>> {
  const reader = await connection.runAndReadAll(sql, values);
  return new Map(
    reader
      .getRowObjectsJson()
      .map(({ key, ...features }) => [
        String(key),
        Object.fromEntries(
          Object.entries(features).map(([name, value]) => [name, value === null ? null : Number(value)]),
        ),
      ]),
  );
}
