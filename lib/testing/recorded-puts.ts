import {
  PutRecordCommand,
  type PutRecordCommandOutput,
  PutRecordsCommand,
  type PutRecordsCommandOutput,
} from "@aws-sdk/client-kinesis";
import { decodeHeartbeat } from "../engine/heartbeat.ts";
import type { Clock } from "../engine/ports/clock.ts";
import type { Send } from "./models/clients.ts";

/** A record that a stream took, and where it stands there. */
export interface RecordedPut {
  readonly data: Uint8Array;
  readonly partitionKey: string;
  readonly shardId: string;
  readonly sequenceNumber: string;
  readonly arrivalMs: number;
  readonly isHeartbeat: boolean;
}

interface Entry {
  readonly Data?: Uint8Array | undefined;
  readonly PartitionKey?: string | undefined;
}

interface Place {
  readonly ShardId?: string | undefined;
  readonly SequenceNumber?: string | undefined;
}

/** Keeps the records that are put to each stream, by whomever, for longer than its retention. */
export function recordPuts(
  send: Send,
  clock: Clock,
): { readonly send: Send; readonly of: (streamName: string) => readonly RecordedPut[] } {
  const puts = new Map<string, RecordedPut[]>();
  const record = (
    {
      StreamName,
      StreamARN,
    }: { readonly StreamName?: string | undefined; readonly StreamARN?: string | undefined },
    entries: readonly Entry[],
    places: readonly Place[],
  ) => {
    const name = StreamName ?? StreamARN!.slice(StreamARN!.lastIndexOf("/") + 1);
    const kept = puts.get(name) ?? [];
    puts.set(name, kept);
    for (const [index, { Data: data, PartitionKey: partitionKey }] of entries.entries()) {
      const { ShardId: shardId, SequenceNumber: sequenceNumber } = places[index]!;
      kept.push({
        data: data!,
        partitionKey: partitionKey!,
        shardId: shardId!,
        sequenceNumber: sequenceNumber!,
        arrivalMs: clock.now(),
        isHeartbeat: decodeHeartbeat(data!) !== null,
      });
    }
  };
  return {
    async send(command) {
      const answer = await send(command);
      // The model takes a request whole or not at all.
      if (command instanceof PutRecordsCommand) {
        record(command.input, command.input.Records ?? [], (answer as PutRecordsCommandOutput).Records ?? []);
      } else if (command instanceof PutRecordCommand) {
        record(command.input, [command.input], [answer as PutRecordCommandOutput]);
      }
      return answer;
    },
    of: (streamName) => puts.get(streamName) ?? [],
  };
}
