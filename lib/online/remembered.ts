import type { Clock } from "../engine/ports/clock.ts";

interface Remembered<V> {
  readonly readAtMs: number;
  readonly value: V;
}

/**
 * Keeps what was read for a short time, and reads only what is missing or older. Whoever is answered an older value
 * is told less than the truth by that much, which progress and control allow.
 */
export function rememberReads<V>(options: {
  readonly clock: Clock;
  readonly keepMs: number;
  readonly read: (keys: readonly string[]) => Promise<ReadonlyMap<string, V>>;
}): (keys: readonly string[]) => Promise<ReadonlyMap<string, V>> {
  const { clock, keepMs, read } = options;
  const remembered = new Map<string, Remembered<V | undefined>>();
  return async (keys) => {
    const nowMs = clock.now();
    const answer = new Map<string, V>();
    const missing: string[] = [];
    for (const key of keys) {
      const entry = remembered.get(key);
      if (entry === undefined || nowMs - entry.readAtMs >= keepMs || nowMs < entry.readAtMs)
        missing.push(key);
      else if (entry.value !== undefined) answer.set(key, entry.value);
    }
    if (missing.length === 0) return answer;
    const fresh = await read(missing);
    for (const key of missing) {
      const value = fresh.get(key);
      remembered.set(key, { readAtMs: nowMs, value });
      if (value !== undefined) answer.set(key, value);
    }
    return answer;
  };
}
