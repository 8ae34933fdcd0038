import { createHash } from "node:crypto";
import type { LoggedShard } from "../platform/record-log.ts";
import { payments } from "../world/definitions.ts";

/** What a record's bytes say, by `JSON.parse` and the schema: nothing of the engine's decoding has part in it. */
export interface RawEvent {
  readonly row: Readonly<Record<string, unknown>>;
  readonly eventTimeMs: number;
  readonly arrivalMs: number;
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The event that a record is; `heartbeat`, or `rejected` for what no view may take (R1, R5, R12). */
export function rawEvent(
  record: {
    readonly data: Uint8Array;
    readonly partitionKey: string;
    readonly arrivalMs: number;
    readonly isHeartbeat: boolean;
  },
  { hashRange }: Pick<LoggedShard, "hashRange">,
): RawEvent | "heartbeat" | "rejected" {
  const { data, partitionKey, arrivalMs, isHeartbeat } = record;
  if (isHeartbeat) return "heartbeat";
  let parsed: ReturnType<typeof payments.schema.safeParse>;
  try {
    parsed = payments.schema.safeParse(JSON.parse(strictUtf8.decode(data)));
  } catch {
    return "rejected";
  }
  if (!parsed.success) return "rejected";
  const row = parsed.data as RawEvent["row"];
  const eventTimeMs = row.at as number;
  if (eventTimeMs > arrivalMs + payments.maxFutureSkewMs) return "rejected";
  const hash = createHash("md5").update(partitionKey).digest("hex");
  if (row.card !== partitionKey || hash < hashRange!.start || hash > hashRange!.end) return "rejected";
  if (!(row.id as string).isWellFormed()) return "rejected";
  return { row, eventTimeMs, arrivalMs };
}
