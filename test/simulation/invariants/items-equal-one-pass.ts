import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { viewIdOf } from "../../../lib/online/items.ts";
import { NEWEST_RELEASE, readBy } from "../platform/codec-release.ts";
import type { RecordLog } from "../platform/record-log.ts";
import type { Report } from "./violation.ts";

/** Every item's bytes are those of one in-order pass over the records of its writer (R1, R2). */
export function checkItems(options: {
  readonly log: RecordLog;
  readonly items: ReadonlyMap<string, Readonly<Record<string, AttributeValue>>>;
  /** Items that TTL deleted, with what they were. */
  readonly deleted: ReadonlyMap<string, Uint8Array>;
  readonly report: Report;
}): void {
  const { log, items, deleted, report } = options;
  const differs = (what: string) => report("items-equal-one-pass", what);
  for (const history of log.items.values()) {
    const { pk, state } = history;
    const stored = items.get(pk);
    const events = history.events.length;
    if (stored === undefined) {
      const wasDeleted = deleted.get(pk);
      if (state === undefined) continue;
      if (wasDeleted === undefined) differs(`${pk}, of ${events} events, is not there.`);
      else if (!same(wasDeleted, state.position)) {
        differs(`${pk} was deleted by TTL at an earlier position than that of its ${events} events.`);
      }
      continue;
    }
    if (state === undefined) {
      differs(`${pk} is there, though none of its ${events} events leaves a state.`);
      continue;
    }
    const { position, image } = readBy(NEWEST_RELEASE, stored);
    if (!same(position!.B!, state.position))
      differs(`${pk}, of ${events} events, stands at another position.`);
    else if (!same(image!.B!, state.image)) differs(`${pk}, of ${events} events, has other bytes.`);
  }
  for (const pk of items.keys()) {
    if (viewIdOf(pk) !== null && !log.items.has(pk)) differs(`${pk} is there, though no event is of it.`);
  }
}

function same(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}
