/** The process that the pipeline runs in: the local runtime, and nothing of the load or the proof. */
import { systemClock } from "../../../lib/engine/ports/clock.ts";
import { createFileObjectStore } from "../../../lib/local/file-object-store.ts";
import { startLocalRuntime } from "../../../lib/local/runtime.ts";
import { countOutcomes } from "../../../lib/online/counts.ts";
import { payments } from "../definitions.ts";
import type { AnswerMessage, CallMessage, PipelineCalls } from "./messages.ts";
import { watchServerData } from "./server-data.ts";

/** Handled records that a shard keeps readable: few, so that the stream is as large as it gets after minutes. */
const KEEP_RECORDS = 5_000;

/** A reader remembers progress for less. */
const REMEMBERED_MS = 1_500;

const [folder] = process.argv.slice(2);
if (folder === undefined || globalThis.gc === undefined || process.send === undefined) {
  throw new Error("this process is forked, with --expose-gc and the folder for what is set aside.");
}
const send = (message: AnswerMessage): void => void process.send!(message);

process.on("disconnect", () => process.exit());

// The loader of TypeScript turns them on, and the first error's stack would then parse the map of the bundled functions:
// 100 MiB that stay.
process.setSourceMapsEnabled(false);

const serverData = watchServerData();
let frozenMs: number | null = null;
const runtime = await startLocalRuntime({
  definitionsFile: new URL("../definitions.ts", import.meta.url),
  clock: { now: () => frozenMs ?? systemClock.now() },
  objectStore: createFileObjectStore(folder),
  keepRecords: KEEP_RECORDS,
});

const calls: PipelineCalls = {
  async sample() {
    globalThis.gc!();
    const { rss, heapUsed, external } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    const table = await serverData.table();
    const stream = serverData.stream();
    return {
      rssBytes: rss,
      heapBytes: heapUsed,
      externalBytes: external,
      tableEntries: table.entries,
      tableBytes: table.bytes,
      streamEntries: stream.entries,
      streamBytes: stream.bytes,
      cpuMs: (user + system) / 1_000,
    };
  },
  async handled() {
    const { streams, heartbeats } = runtime.stats();
    return streams[payments.name]!.shards.reduce((sum, { handled }) => sum + handled, 0) - heartbeats;
  },
  async settle() {
    frozenMs = systemClock.now();
    await runtime.heartbeat();
    await runtime.drain();
    // What a reader remembers of progress would stay young for ever.
    frozenMs += REMEMBERED_MS;
    return frozenMs;
  },
  async counts() {
    const { store, objectStore: objects, plans } = runtime;
    return Object.fromEntries(await countOutcomes({ store, objects, plans }));
  },
  stop: () => runtime.stop(),
};

process.on("message", ({ id, call }: CallMessage) => {
  calls[call]()
    .then((value) => {
      send({ kind: "answer", id, value });
      if (call === "stop") process.disconnect();
    })
    .catch((error: unknown) => {
      send({ kind: "failure", id, message: error instanceof Error ? (error.stack ?? "") : String(error) });
    });
});

send({
  kind: "started",
  url: runtime.url,
  kinesis: runtime.endpoints.kinesis,
  streamName: runtime.streams[payments.name]!,
});
