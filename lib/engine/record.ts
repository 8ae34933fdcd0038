import type { FieldValues } from "./decode/field-values.ts";

/** A record of a stream as delivered, before anything is decoded. */
export interface DeliveredRecord {
  readonly data: Uint8Array;
  /** The same bytes as Lambda delivers them, in base64: `data` may then be a getter, which few records need. */
  readonly base64?: string;
  readonly partitionKey: string;
  readonly sequenceNumber: string;
  /** Kinesis's own stamp, epoch milliseconds. */
  readonly approximateArrivalMs: number;
}

/** When and where an event came from. */
export interface EventOrigin {
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  readonly eventTimeMs: number;
  /** The declared arrival field, or Kinesis's stamp. */
  readonly arrivalMs: number;
  /** Kinesis's own stamp. */
  readonly approximateArrivalMs: number;
  /** Whether the identity below is of the event's declared id (and is deduplicated), else of shard and sequence number. */
  readonly hasEventId: boolean;
  readonly identityHigh: number;
  readonly identityLow: number;
}

/** A record that decoded and fits its schema. */
export interface SourceEvent extends EventOrigin {
  readonly kind: "event";
  readonly row: Readonly<Record<string, unknown>>;
}

/** The same on its way through a batch: the object and its values are the next record's when that is decoded. */
export interface PassingEvent extends EventOrigin {
  readonly kind: "event";
  readonly fields: FieldValues;
}

/** A record that keeps an idle shard's progress known (R11). */
export interface Heartbeat {
  readonly kind: "heartbeat";
  readonly sequenceNumber: string;
  readonly arrivalMs: number;
}

/** Why a record went to quarantine (R12). */
export const QUARANTINE_REASONS = [
  "malformed",
  "schema",
  "future",
  "wrong-partition-key",
  "kpl-aggregated",
  "ill-formed-unicode",
  "key-too-long",
  "function-threw",
  "item-full",
] as const;

/** One of {@link QUARANTINE_REASONS}. */
export type QuarantineReason = (typeof QUARANTINE_REASONS)[number];

/** A record that must not move state. */
export interface RejectedRecord {
  readonly kind: "rejected";
  readonly sequenceNumber: string;
  readonly arrivalMs: number;
  readonly reason: QuarantineReason;
  readonly detail: string;
}

export type DecodedRecord = SourceEvent | Heartbeat | RejectedRecord;

/** A decoded record that is good until the next is decoded. */
export type PassingRecord = PassingEvent | Heartbeat | RejectedRecord;
