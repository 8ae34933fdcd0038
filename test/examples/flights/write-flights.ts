import { DuckDBInstance } from "@duckdb/node-api";

/** A row as the parquet file of flights has it. */
export interface FlightRow {
  /** `2001-03-05 06:00` */
  readonly date: string;
  readonly delay: number;
  readonly distance: number;
  readonly origin: string;
  readonly destination: string;
}

/** Writes a small file of the shape of flights-3m.parquet. */
export async function writeFlights(file: string, flights: readonly FlightRow[]): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run(
    "CREATE TABLE flights (date TIMESTAMP, delay BIGINT, distance BIGINT, origin VARCHAR, destination VARCHAR)",
  );
  for (const { date, delay, distance, origin, destination } of flights) {
    await connection.run(
      "INSERT INTO flights VALUES (CAST($date AS TIMESTAMP), $delay, $distance, $origin, $destination)",
      { date: `${date}:00`, delay, distance, origin, destination },
    );
  }
  await connection.run(`COPY flights TO '${file.replaceAll("'", "''")}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
}
