import type { Source } from "../../lib/define/types.ts";
import { type Environment, refuseVariable, requiredVariable } from "../environment.ts";
import { streamNameOf } from "./kinesis-event.ts";

export interface AggregateEnvironment {
  readonly table: string;
  /** Stream name or ARN, by source name. */
  readonly streams: ReadonlyMap<string, string>;
  /** Where late and quarantined records go; null when an object store is given instead. */
  readonly bucket: string | null;
  /** Names the aggregator among those that share the table; absent: it has the table to itself. */
  readonly aggregator: string | undefined;
}

/**
 * Reads the aggregator's environment: `FRESHET_TABLE`, `FRESHET_STREAMS` (a JSON object of stream names or ARNs by
 * source name), `FRESHET_BUCKET`, and `FRESHET_AGGREGATOR`, which may be absent.
 *
 * @throws FreshetError `OPTION_INVALID`
 */
export function readEnvironment(
  environment: Environment,
  { sources, needsBucket }: { readonly sources: readonly Source[]; readonly needsBucket: boolean },
): AggregateEnvironment {
  const streams = readStreams(requiredVariable(environment, "FRESHET_STREAMS"), sources);
  return {
    table: requiredVariable(environment, "FRESHET_TABLE"),
    streams,
    bucket: needsBucket ? requiredVariable(environment, "FRESHET_BUCKET") : null,
    aggregator: environment.FRESHET_AGGREGATOR,
  };
}

function readStreams(text: string, sources: readonly Source[]): ReadonlyMap<string, string> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw refuseVariable("FRESHET_STREAMS", `is not JSON: ${text}`, cause);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw refuseVariable(
      "FRESHET_STREAMS",
      `is ${text}; write a JSON object of stream names or ARNs by source name.`,
    );
  }
  const names = sources.map(({ name }) => name);
  const streams = new Map<string, string>();
  // Records are told apart by the stream that they come from, by name.
  const sourceOfStream = new Map<string, string>();
  for (const [name, stream] of Object.entries(parsed)) {
    if (!names.includes(name)) {
      throw refuseVariable(
        "FRESHET_STREAMS",
        `names the source ${JSON.stringify(name)}; there are ${names.join(", ")}.`,
      );
    }
    if (typeof stream !== "string" || stream === "") {
      throw refuseVariable(
        "FRESHET_STREAMS",
        `gives source ${name} ${JSON.stringify(stream)}; a stream is a name or an ARN.`,
      );
    }
    const streamName = streamNameOf(stream);
    const other = sourceOfStream.get(streamName);
    if (other !== undefined) {
      throw refuseVariable(
        "FRESHET_STREAMS",
        `gives the sources ${other} and ${name} one stream, ${streamName}; a stream carries the records of one source.`,
      );
    }
    sourceOfStream.set(streamName, name);
    streams.set(name, stream);
  }
  return streams;
}
