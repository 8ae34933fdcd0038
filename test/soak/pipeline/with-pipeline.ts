import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Pipeline, startPipeline } from "./start-pipeline.ts";

/** Runs work beside a pipeline in a process of its own, with a folder; both are gone afterwards, however it ended. */
export async function withPipeline<Result>(
  work: (pipeline: Pipeline, folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "freshet-load-"));
  const pipeline = await startPipeline({ folder: join(folder, "set-aside") });
  try {
    return await work(pipeline, folder);
  } finally {
    pipeline.kill();
    await rm(folder, { recursive: true, maxRetries: 5 });
  }
}
