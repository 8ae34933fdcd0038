import { ENVELOPE_BYTES, type EventRecord } from "./kinesis-event.ts";

/** Records read and not yet handed on, in order, cut into batches by count and payload. */
export class BatchBuffer {
  private readonly limits: { readonly batchSize: number; readonly maxPayloadBytes: number };
  private records: EventRecord[] = [];
  /** How many of the first records make the next batch, and the bytes of its event; kept up as records come in. */
  private batchCount = 0;
  private batchBytes = ENVELOPE_BYTES;

  constructor(limits: { readonly batchSize: number; readonly maxPayloadBytes: number }) {
    this.limits = limits;
  }

  get size(): number {
    return this.records.length;
  }

  /** Whether no later record could join the next batch. */
  get isFull(): boolean {
    return this.batchCount === this.limits.batchSize || this.batchCount < this.records.length;
  }

  push(records: readonly EventRecord[]): void {
    for (const record of records) this.records.push(record);
    this.extendBatch();
  }

  /** The next batch; a record larger than the payload limit makes a batch of its own. */
  take(): readonly EventRecord[] {
    const batch = this.records.splice(0, this.batchCount);
    this.batchCount = 0;
    this.batchBytes = ENVELOPE_BYTES;
    this.extendBatch();
    return batch;
  }

  private extendBatch(): void {
    while (this.batchCount < this.limits.batchSize) {
      const next = this.records[this.batchCount];
      if (next === undefined) return;
      const bytes = this.batchBytes + next.payloadBytes;
      // The last record of a batch has no comma after it.
      if (this.batchCount > 0 && bytes - 1 > this.limits.maxPayloadBytes) return;
      this.batchBytes = bytes;
      this.batchCount++;
    }
  }
}
