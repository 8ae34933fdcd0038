import { DeleteStreamCommand } from "@aws-sdk/client-kinesis";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startKinesaliteSubject, startStreamModel } from "../servers/stream-servers.ts";
import type { StreamSubject } from "../stream/stream-subject.ts";
import { StreamRun, streamSteps } from "./stream-commands.ts";

/** On a busy machine, and with more cases. */
const TIMEOUT_MS = 600_000;
const CASES = Number(process.env.FRESHET_CASES ?? 100);

describe("the stream model and kinesalite", () => {
  let models: readonly StreamSubject[];
  let kinesalite: StreamSubject;
  beforeAll(async () => {
    const below = { childNumbers: "below-parents", closedShardEnds: "with-last-records" } as const;
    models = [await startStreamModel()(), await startStreamModel(below)()];
    kinesalite = await startKinesaliteSubject();
  });
  afterAll(() => kinesalite.stop());

  it("answer any sequence of puts, splits, merges and reads alike", { timeout: TIMEOUT_MS }, async () => {
    const seen = new Map<string, number>();
    const count = (kind: string) => seen.set(kind, (seen.get(kind) ?? 0) + 1);
    const shardCounts = fc.integer({ min: 1, max: 4 });
    await fc.assert(
      fc.asyncProperty(shardCounts, streamSteps, async (shards, steps) => {
        const subjects = [kinesalite, ...models];
        const runs: StreamRun[] = [];
        for (const subject of subjects) runs.push(new StreamRun(subject, await subject.newStream(shards)));
        const all = [...steps, { kind: "list" } as const];
        for (const step of all) {
          const [theirs, ...ours] = await Promise.all(runs.map((run) => run.take(step)));
          for (const answer of ours) expect(answer).toEqual(theirs);
          count(typeof theirs === "string" ? `${step.kind} ${theirs}` : step.kind);
          if (step.kind === "read") {
            const { ended, texts } = theirs as { ended: boolean; texts: string[] };
            count(`read ${ended ? "to the end" : "of an open shard"}, ${texts.length > 0 ? "some" : "none"}`);
          }
        }
        // Shards are counted over all streams there, and their number is limited.
        await kinesalite.client.send(new DeleteStreamCommand({ StreamName: runs[0]!.stream }));
      }),
      { numRuns: CASES, seed: 20_261_121 },
    );
    // Sequences that never reshard or never read what was put would show nothing.
    for (const kind of [
      "split answered",
      "merge answered",
      "merge InvalidArgumentException",
      "read of an open shard, some",
      "read to the end, some",
      "read to the end, none",
    ]) {
      expect(seen.get(kind) ?? 0, kind).toBeGreaterThan(CASES / 20);
    }
  });
});
