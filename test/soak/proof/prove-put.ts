import type { Feed } from "../load/feed.ts";
import type { Pipeline } from "../pipeline/start-pipeline.ts";
import { recount } from "./recount.ts";
import { type Verdict, verify } from "./verify.ts";

/** Has everything that was put folded, holds every key and the counts to a recount of it, and ends the pipeline. */
export async function provePut(options: {
  readonly pipeline: Pipeline;
  readonly feed: Feed;
  /** What the feed wrote. */
  readonly file: string;
  readonly keys: number;
}): Promise<Verdict> {
  const { pipeline, feed, file, keys } = options;
  const momentMs = await pipeline.settle();
  await feed.close();
  const verdict = await verify({
    url: pipeline.url,
    keys,
    momentMs,
    counts: await pipeline.counts(),
    recount: await recount(file, momentMs),
  });
  await pipeline.stop();
  return verdict;
}
