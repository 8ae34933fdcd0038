import type { ShardRun } from "../kinesalite-server.ts";
import type { ServerPair } from "../server-pair.ts";

/** What the thread is asked, by a number that its answer bears. */
export type Question = { readonly id: number } & (
  | { readonly call: "trim" | "count"; readonly run: ShardRun }
  | { readonly call: "stop" }
);

export type Answer =
  | { readonly started: ServerPair["endpoints"] }
  | { readonly id: number; readonly result: number | undefined }
  | { readonly id: number; readonly error: unknown };
