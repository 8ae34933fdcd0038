import { FreshetError } from "../define/error.ts";
import type { KinesaliteServer } from "./kinesalite-server.ts";
import type { HandledRun } from "./poller/mapping-options.ts";

/** How far beyond what is kept a shard grows before it is trimmed: a trim reads the keys that it deletes. */
const SLACK_PART = 4;

/**
 * Forgets the oldest handled records of a stream, so that a long run does not fill the memory.
 *
 * @param options.keepRecords - Handled records a shard that stay readable.
 */
export function createTrimmer(options: {
  readonly server: Pick<KinesaliteServer, "trim">;
  readonly streamName: string;
  readonly keepRecords: number;
  readonly onFailure: (error: unknown) => void;
}): (handled: HandledRun) => void {
  const { server, streamName, keepRecords, onFailure } = options;
  const growBy = Math.max(1, Math.ceil(keepRecords / SLACK_PART));
  const shards = new Map<string, { runs: HandledRun[]; records: number }>();

  return (handled) => {
    const { shardId } = handled;
    const shard = shards.get(shardId) ?? { runs: [], records: 0 };
    shards.set(shardId, shard);
    shard.runs.push(handled);
    shard.records += handled.count;
    if (shard.records < keepRecords + growBy) return;

    let through: HandledRun | undefined;
    let runs = 0;
    for (const run of shard.runs) {
      if (shard.records - run.count < keepRecords) break;
      shard.records -= run.count;
      through = run;
      runs++;
    }
    if (through === undefined) return;
    shard.runs.splice(0, runs);
    server
      .trim({ streamName, shardId, throughSequenceNumber: through.sequenceNumber })
      .catch((cause: unknown) =>
        onFailure(
          new FreshetError(
            "STREAM_UNAVAILABLE",
            `handled records of ${streamName} ${shardId} could not be trimmed.`,
            {
              cause,
            },
          ),
        ),
      );
  };
}
