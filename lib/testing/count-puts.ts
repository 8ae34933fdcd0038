import { PutRecordCommand, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { decodeHeartbeat } from "../engine/heartbeat.ts";
import type { Send } from "./models/clients.ts";

/** Counts the records that are put to each stream, heartbeats aside. */
export function countPuts(send: Send): { readonly send: Send; readonly of: (streamName: string) => number } {
  const counts = new Map<string, number>();
  const count = (
    {
      StreamName,
      StreamARN,
    }: { readonly StreamName?: string | undefined; readonly StreamARN?: string | undefined },
    payloads: readonly (Uint8Array | undefined)[],
  ) => {
    const name = StreamName ?? StreamARN!.slice(StreamARN!.lastIndexOf("/") + 1);
    const events = payloads.filter((data) => data !== undefined && decodeHeartbeat(data) === null);
    counts.set(name, (counts.get(name) ?? 0) + events.length);
  };
  return {
    async send(command) {
      const answer = await send(command);
      // The model takes a request whole or not at all.
      if (command instanceof PutRecordsCommand) {
        const { Records = [] } = command.input;
        count(
          command.input,
          Records.map(({ Data }) => Data),
        );
      } else if (command instanceof PutRecordCommand) count(command.input, [command.input.Data]);
      return answer;
    },
    of: (streamName) => counts.get(streamName) ?? 0,
  };
}
