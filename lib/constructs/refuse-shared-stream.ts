import { Stack } from "aws-cdk-lib";
import type { IStream } from "aws-cdk-lib/aws-kinesis";
import type { Construct } from "constructs";
import { refuseProp } from "./refuse-prop.ts";

/**
 * Refuses one stream for two sources: a record does not tell which of them it is of.
 *
 * @throws FreshetError `OPTION_INVALID`
 */
export function refuseSharedStream(
  construct: Construct,
  streams: Iterable<readonly [source: string, stream: IStream]>,
): void {
  const sourceOf = new Map<string, string>();
  for (const [source, stream] of streams) {
    // By name, as the functions tell streams apart.
    const name = JSON.stringify(Stack.of(stream).resolve(stream.streamName));
    const other = sourceOf.get(name);
    if (other !== undefined) {
      refuseProp(
        construct,
        `streams gives the sources ${other} and ${source} one stream, ${name}; a stream carries the records of one source.`,
      );
    }
    sourceOf.set(name, source);
  }
}
