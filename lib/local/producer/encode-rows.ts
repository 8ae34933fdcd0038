import type { PutRecordsRequestEntry } from "@aws-sdk/client-kinesis";
import { FreshetError } from "../../define/error.ts";
import type { Source } from "../../define/types.ts";

/** An event to put: what the source's schema takes. */
export type Row = Readonly<Record<string, unknown>>;

/** Limits of one Kinesis record. */
const MAX_RECORD_BYTES = 1024 * 1024;
const MAX_PARTITION_KEY_LENGTH = 256;

const utf8 = new TextEncoder();

/**
 * Makes rows of a source into records of its stream. All rows are checked before one is put.
 *
 * @throws FreshetError `REQUEST_INVALID` naming the first row that does not fit.
 */
export function encodeRows(source: Source, rows: readonly Row[]): readonly PutRecordsRequestEntry[] {
  return rows.map((row, index) => {
    const refuse = (problem: string): never => {
      throw new FreshetError("REQUEST_INVALID", `row ${index} of source ${source.name}: ${problem}`);
    };
    const parsed = source.schema.safeParse(row);
    if (!parsed.success) {
      const issues = parsed.error.issues.slice(0, 3);
      return refuse(issues.map(({ path, message }) => `${path.join(".") || "row"}: ${message}`).join("; "));
    }
    const partitionKey = String((parsed.data as Row)[source.partitionKey]);
    if (partitionKey.length === 0 || partitionKey.length > MAX_PARTITION_KEY_LENGTH) {
      refuse(
        `${source.partitionKey} has ${partitionKey.length} characters; a partition key has 1 to ${MAX_PARTITION_KEY_LENGTH}.`,
      );
    }
    const data = utf8.encode(JSON.stringify(row));
    if (data.byteLength > MAX_RECORD_BYTES) {
      refuse(`it takes ${data.byteLength} bytes as JSON; a record takes at most ${MAX_RECORD_BYTES}.`);
    }
    return { Data: data, PartitionKey: partitionKey };
  });
}
