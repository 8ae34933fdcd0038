import { backoffMs } from "../../online/backoff.ts";
import { firstUnfinished } from "./batch-response.ts";
import { type DiscardCondition, invocationRecord } from "./invocation-record.ts";
import { type EventRecord, kinesisEvent } from "./kinesis-event.ts";
import type { MappingSettings } from "./mapping-options.ts";
import { type BatchPart, expiredCount, freshPart, partsAfterFailure } from "./retry-policy.ts";
import type { ShardAddress } from "./shard-reader.ts";

/** Counts of one shard's records since its delivery began. */
export interface DeliveryCounts {
  /** Records handled with success, and discarded. */
  readonly handled: number;
  readonly discarded: number;
  /** Invocations of the handler, and of them those that left records unfinished. */
  readonly invocations: number;
  readonly failedInvocations: number;
}

/** Hands a shard's batches to the handler. */
export interface BatchDelivery {
  /** Resolves when every record has been handled or discarded, or once the mapping stops. */
  deliver(batch: readonly EventRecord[]): Promise<void>;
  readonly counts: DeliveryCounts;
}

export function createBatchDelivery(options: {
  readonly shard: ShardAddress;
  readonly settings: MappingSettings;
  readonly stopping: AbortSignal;
  /** Told after each advance. */
  readonly onAdvance: () => void;
}): BatchDelivery {
  const { shard, settings, stopping, onAdvance } = options;
  const { shardId } = shard;
  const { handler, timer, clock, checkpoints, functionArn, onFailure } = settings;
  const counts = { handled: 0, discarded: 0, invocations: 0, failedInvocations: 0 };

  async function advance(records: readonly EventRecord[], as: "handled" | "discarded"): Promise<void> {
    const { sequenceNumber } = records.at(-1)!.record.kinesis;
    try {
      await checkpoints.advance(shardId, sequenceNumber);
    } catch (error) {
      // Records that are handed on again after a restart are known by their position.
      onFailure({ shardId, during: "checkpoint", error, sequenceNumber, attempt: 1, retryInMs: null });
    }
    counts[as] += records.length;
    settings.onHandled({ shardId, sequenceNumber, count: records.length });
    onAdvance();
  }

  async function discard(part: BatchPart, count: number, condition: DiscardCondition): Promise<void> {
    const records = part.records.slice(0, count);
    const { invocations, threw } = part;
    const nowMs = clock.now();
    const record = invocationRecord({ shard, functionArn, records, condition, invocations, threw, nowMs });
    try {
      await settings.onFailureDestination(record, kinesisEvent(records));
    } catch (error) {
      const { sequenceNumber } = records[0]!.record.kinesis;
      onFailure({ shardId, during: "destination", error, sequenceNumber, attempt: 1, retryInMs: null });
    }
    await advance(records, "discarded");
  }

  async function invoke(records: readonly EventRecord[]) {
    counts.invocations++;
    try {
      const response = await handler(kinesisEvent(records));
      const finished = settings.reportBatchItemFailures ? firstUnfinished(records, response) : records.length;
      return { finished, threw: false, error: null };
    } catch (error) {
      return { finished: 0, threw: true, error };
    }
  }

  /** Hands on a part once; what is left of it comes back. */
  async function handOn(part: BatchPart): Promise<readonly BatchPart[]> {
    const expired = expiredCount(part.records, settings, clock.now());
    if (expired > 0) {
      await discard(part, expired, "RecordAgeExceeded");
      const records = part.records.slice(expired);
      return records.length === 0 ? [] : [{ ...part, records }];
    }
    const outcome = await invoke(part.records);
    const { finished, threw, error } = outcome;
    if (finished > 0) await advance(part.records.slice(0, finished), "handled");
    if (finished === part.records.length) return [];
    counts.failedInvocations++;
    const rest = partsAfterFailure(part, outcome, settings);
    if (rest === null) {
      const failed = {
        ...part,
        records: part.records.slice(finished),
        invocations: part.invocations + 1,
        threw,
      };
      await discard(failed, failed.records.length, "RetryAttemptsExhausted");
      return [];
    }
    const { records, failures } = rest[0]!;
    const retryInMs = backoffMs(settings.retryBackoffMs, failures - 1);
    const { sequenceNumber } = records[0]!.record.kinesis;
    onFailure({ shardId, during: "handler", error, sequenceNumber, attempt: failures, retryInMs });
    await timer.sleep(retryInMs, stopping);
    return rest;
  }

  return {
    async deliver(batch) {
      let parts: readonly BatchPart[] = [freshPart(batch)];
      for (let [part, ...later] = parts; part !== undefined && !stopping.aborted; [part, ...later] = parts) {
        parts = [...(await handOn(part)), ...later];
      }
    },
    counts,
  };
}
