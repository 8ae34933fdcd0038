declare module "kinesalite" {
  import type { Server } from "node:http";

  interface KinesaliteOptions {
    /** How long a stream stays CREATING. */
    readonly createStreamMs?: number;
    readonly deleteStreamMs?: number;
    readonly updateStreamMs?: number;
    /** The account's limit of open shards, over all streams. */
    readonly shardLimit?: number;
  }

  export default function kinesalite(options?: KinesaliteOptions): Server;
}
