import type { ObjectStore } from "../../../engine/ports/object-store.ts";
import type { ChannelEntry } from "../../../online/channels.ts";
import type { SetAsideReason } from "../snapshot.ts";

/** Watches the objects that late and quarantined records are written to: how many there are for each reason. */
export interface SetAside {
  /** A store that does as the given one does. */
  observe(store: ObjectStore): ObjectStore;
  /** Most frequent first. */
  reasons(): readonly SetAsideReason[];
}

const CHANNEL_KEY = /^(quarantine|late)\//;
/** Objects are named by their content: a redelivered batch writes the same names again. */
const MOST_KEYS_REMEMBERED = 1_000;
const LONGEST_DETAIL = 240;

export function createSetAside(): SetAside {
  /** By source and reason, of which there are few. */
  const reasons = new Map<string, SetAsideReason>();
  const remembered = new Set<string>();

  const note = (key: string, body: Uint8Array): void => {
    if (!CHANNEL_KEY.test(key) || remembered.has(key)) return;
    remembered.add(key);
    if (remembered.size > MOST_KEYS_REMEMBERED) remembered.delete(remembered.values().next().value!);
    for (const line of Buffer.from(body).toString("utf8").split("\n")) {
      if (line === "") continue;
      const { source, reason, detail, arrivalMs } = JSON.parse(line) as ChannelEntry;
      const name = `${source} ${reason}`;
      const count = (reasons.get(name)?.count ?? 0) + 1;
      reasons.set(name, { source, reason, count, arrivalMs, detail: detail.slice(0, LONGEST_DETAIL) });
    }
  };
  return {
    observe: (store) => ({
      async put(key, body) {
        await store.put(key, body);
        note(key, body);
      },
      get: (key) => store.get(key),
      list: (prefix) => store.list(prefix),
    }),
    reasons: () => [...reasons.values()].sort((left, right) => right.count - left.count),
  };
}
