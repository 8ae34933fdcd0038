import type { LocalRuntime } from "../../../lib/local/runtime.ts";
import type { JsonLines } from "../../command/json-lines.ts";
import type { ReadEntity } from "../check/compare.ts";
import type { ChosenEntity } from "../check/moments.ts";
import { RECOUNTED_VIEW_NAMES, RECOUNTED_VIEWS } from "../check/recount-views.ts";
import { planOf, readEntities } from "../check/verify-entities.ts";
import type { FlightEvents } from "../events.ts";

/** Writes entities as `--dump` does: view, version, key, as-of time and features, a line each. */
export function dumpRead(read: readonly ReadEntity[], dump: JsonLines): void {
  for (const { view, key, asOfMs, features } of read) {
    const values = key.split("|");
    dump.write({
      view,
      version: planOf(view).view.version,
      key: Object.fromEntries(RECOUNTED_VIEWS[view].key.map((field, index) => [field, values[index]])),
      asOf: new Date(asOfMs).toISOString(),
      features,
    });
  }
}

/** The entities that events have made, gathered as a replay goes on. */
export interface SeenEntities {
  add(events: FlightEvents): void;
  /** Reads every one of them at the clock's time and writes it. */
  dump(runtime: Pick<LocalRuntime, "reader">, dump: JsonLines): Promise<void>;
}

/** Starts with none. */
export function gatherEntities(): SeenEntities {
  const seen = new Map<string, ChosenEntity>();
  return {
    add: (events) => {
      for (const view of RECOUNTED_VIEW_NAMES) {
        const { stream, key } = RECOUNTED_VIEWS[view];
        for (const { flight } of events[stream]) {
          const values = key.map((field) => flight[field]);
          seen.set(`${view} ${values.join("|")}`, { view, key: values });
        }
      }
    },
    dump: async (runtime, dump) => dumpRead(await readEntities(runtime.reader, [...seen.values()]), dump),
  };
}
