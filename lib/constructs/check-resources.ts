import type { Construct } from "constructs";
import { isRecord } from "../define/check-options.ts";
import type { AnyTable } from "./options.ts";
import { refuseProp } from "./refuse-prop.ts";
import { problemOfTable, refuseUnsoundTable } from "./refuse-unsound-table.ts";
import { tellGiven } from "./tell-given.ts";

/**
 * Refuses what is no stream of the CDK's: an ARN, say.
 *
 * @throws FreshetError `OPTION_INVALID`
 */
export function checkStream(construct: Construct, name: string, stream: unknown): void {
  if (isResource(stream, "streamArn")) return;
  refuseProp(
    construct,
    `${name} is ${tellGiven(stream)}; it is a stream: Stream.fromStreamArn(this, "Existing", arn) for an existing one, or an EventStream's .stream.`,
  );
}

/**
 * Refuses streams that are not named by their sources.
 *
 * @throws FreshetError `OPTION_INVALID`
 */
export function checkBySource(construct: Construct, streams: unknown): asserts streams is object {
  if (isRecord(streams)) return;
  refuseProp(construct, `streams are ${tellGiven(streams)}; write an object of streams by source name.`);
}

/**
 * Refuses what is no object of streams.
 *
 * @throws FreshetError `OPTION_INVALID`
 */
export function checkStreams(construct: Construct, streams: unknown): void {
  checkBySource(construct, streams);
  for (const [source, stream] of Object.entries(streams)) {
    checkStream(construct, `streams.${source}`, stream);
  }
}

/**
 * Refuses what is no bucket of the CDK's: a name, say.
 *
 * @throws FreshetError `OPTION_INVALID`
 */
export function checkBucket(construct: Construct, bucket: unknown): void {
  if (isResource(bucket, "bucketArn")) return;
  refuseProp(
    construct,
    `bucket is ${tellGiven(bucket)}; it is a bucket: Bucket.fromBucketName(this, "Existing", name) for an existing one.`,
  );
}

/**
 * Refuses what is no table of the CDK's, and one of the app that has another key or TTL attribute than the kit's: now, or
 * by an override at synthesis. An imported one cannot be looked at.
 *
 * @throws FreshetError `OPTION_INVALID`
 */
export function checkTable(construct: Construct, table: unknown): void {
  if (!isResource(table, "tableArn")) {
    const kind = isResource(table, "table") ? "a FeatureTable" : tellGiven(table);
    refuseProp(
      construct,
      `table is ${kind}; it is a table: a FeatureTable's .table, or TableV2.fromTableName(this, "Existing", name) for an existing one.`,
    );
  }
  const problem = problemOfTable(table as AnyTable);
  if (problem !== undefined) refuseProp(construct, problem);
  refuseUnsoundTable(table as AnyTable);
}

/** By what it has, so that an app may have another copy of the CDK than the kit. */
function isResource(given: unknown, attribute: string): boolean {
  return typeof given === "object" && given !== null && attribute in given;
}
