import {
  DescribeStreamSummaryCommand,
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KMSThrottlingException,
  ListShardsCommand,
  ProvisionedThroughputExceededException,
} from "@aws-sdk/client-kinesis";
import type { Command } from "../../../lib/testing/models/answer.ts";
import type { Send } from "../../../lib/testing/models/clients.ts";
import type { StreamModel } from "../../../lib/testing/models/stream-model.ts";
import type { FaultInjector } from "../faults/injector.ts";
import type { Caller, Network, TripFault } from "./network.ts";

export const STREAM = "payments";

export interface StreamPlatform {
  readonly faults: FaultInjector;
  readonly network: Network;
  readonly model: StreamModel;
}

const metadata = { httpStatusCode: 400 };

/** The stream as one caller sees it. */
export function streamOf({ faults, network, model }: StreamPlatform, caller: Caller): Send {
  return (command) =>
    network.send({
      caller,
      site: siteOf(command),
      apply: () => {
        const answer = model.apply(command);
        if (!answer.ok) throw answer.error;
        return answer.output;
      },
      faultOf: (call) => faultOf(faults, command, call),
    });
}

function faultOf(faults: FaultInjector, command: Command, call: string): TripFault | null {
  if (faults.fires("poll-failure", call)) {
    const error =
      call.length % 2 === 0
        ? new ProvisionedThroughputExceededException({ message: "Rate exceeded", $metadata: metadata })
        : new KMSThrottlingException({ message: "Rate exceeded", $metadata: metadata });
    return { kind: "refused", error };
  }
  if (!(command instanceof GetRecordsCommand)) return null;
  if (faults.fires("expired-iterator", call)) {
    const error = new ExpiredIteratorException({ message: "Iterator expired.", $metadata: metadata });
    return { kind: "refused", error };
  }
  if (faults.fires("empty-poll", call)) {
    const output = { Records: [], MillisBehindLatest: 1, NextShardIterator: command.input.ShardIterator };
    return { kind: "answered", output };
  }
  return null;
}

function siteOf(command: Command): string {
  if (command instanceof GetRecordsCommand) return "get-records";
  if (command instanceof GetShardIteratorCommand) return "get-shard-iterator";
  if (command instanceof ListShardsCommand) return "list-shards";
  if (command instanceof DescribeStreamSummaryCommand) return "describe-stream";
  throw new Error(`no caller of the stream sends ${command.constructor.name}.`);
}
