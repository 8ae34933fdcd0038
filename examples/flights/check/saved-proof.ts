import { join } from "node:path";
import { createFileObjectStore } from "../../../lib/local/file-object-store.ts";
import type { MomentProof } from "./proof.ts";

/** What has been proved of a replay that may be killed, moment by moment. */
export interface SavedProof {
  /** Of the runs before this one, in the order of time. */
  readonly before: readonly MomentProof[];
  save(moment: MomentProof): Promise<void>;
}

/** Opens what is saved in a folder. Null: nothing is, and nothing will be. */
export async function openSavedProof(folder: string | null): Promise<SavedProof> {
  if (folder === null) return { before: [], save: async () => {} };
  const store = createFileObjectStore(join(folder, "proof"));
  const before: MomentProof[] = [];
  for (const key of await store.list("moments/")) {
    before.push(JSON.parse(Buffer.from((await store.get(key))!).toString("utf8")) as MomentProof);
  }
  return {
    before,
    save: (moment) => {
      const key = `moments/${String(moment.momentMs).padStart(15, "0")}.json`;
      return store.put(key, Buffer.from(JSON.stringify(moment)));
    },
  };
}
