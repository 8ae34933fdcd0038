import type { LiveSnapshot } from "./snapshot.ts";

/** Where the page's routes take snapshots from. */
export interface SnapshotFeed {
  /** The state now. */
  take(): Promise<LiveSnapshot>;
  /** Calls back with snapshots as time goes by; answers how to end that. */
  watch(listener: (snapshot: LiveSnapshot) => void): () => void;
}

/** Takes snapshots while somebody watches, one for all who do, and does nothing else. */
export function createSnapshotFeed(options: {
  readonly take: () => Promise<LiveSnapshot>;
  readonly everyMs: number;
  /** Told of a snapshot that could not be taken; the next is tried all the same. */
  readonly onFailure: (error: unknown) => void;
}): SnapshotFeed & { readonly stop: () => void } {
  const { take, everyMs, onFailure } = options;
  const listeners = new Set<(snapshot: LiveSnapshot) => void>();
  let timer: NodeJS.Timeout | null = null;
  let underWay: Promise<LiveSnapshot> | null = null;

  const takeOnce = (): Promise<LiveSnapshot> => {
    underWay ??= take().finally(() => {
      underWay = null;
    });
    return underWay;
  };
  const tick = async (): Promise<void> => {
    try {
      const snapshot = await takeOnce();
      for (const listener of listeners) listener(snapshot);
    } catch (error) {
      onFailure(error);
    }
    schedule();
  };
  const schedule = (): void => {
    timer = listeners.size === 0 ? null : setTimeout(() => void tick(), everyMs);
  };
  return {
    take: takeOnce,
    watch(listener) {
      listeners.add(listener);
      if (timer === null) schedule();
      return () => void listeners.delete(listener);
    },
    stop() {
      listeners.clear();
      if (timer !== null) clearTimeout(timer);
    },
  };
}
