import type { ViewPlan } from "../../../lib/engine/plan.ts";
import { decodePosition } from "../../../lib/engine/position.ts";
import type { EntityReading, FeatureReading } from "../../../lib/online/reader.ts";
import { eventsIn, type OracleEntity, type OracleRecord, runEntity } from "../../oracles/entity.ts";
import { OracleSessions } from "../../oracles/sessions.ts";
import { type ItemEvent, type ItemHistory, isAtOrBelow, type RecordLog } from "../platform/record-log.ts";
import { compareAnswer } from "./compare-answer.ts";
import type { Report } from "./violation.ts";

/** An entity's events that an answer must hold, by item, and the first of each that it must not. */
export interface Covered {
  readonly history: ItemHistory;
  readonly events: readonly ItemEvent[];
  /** The oldest that was put and is not in the answer. */
  readonly missing: ItemEvent | null;
}

/**
 * Splits an entity's events at the positions that an answer was read at. A position names its writers; one that is not
 * named is not begun, or is past its retention when a later one of the entity is.
 */
export function splitAtPositions(
  log: RecordLog,
  plan: ViewPlan,
  {
    entity,
    positions,
    asOfMs,
    deleted,
  }: {
    readonly entity: string;
    readonly positions: EntityReading["positions"];
    readonly asOfMs: number;
    /** Items that TTL deleted, by key, with their positions. */
    readonly deleted: ReadonlyMap<string, Uint8Array>;
  },
): readonly Covered[] {
  const retentionMs = plan.view.source.retentionMs;
  const at = new Map(positions.map(({ writer, sequenceNumber }) => [writer, sequenceNumber]));
  return (log.entities.get(entity) ?? []).map((history) => {
    const lastNamed = history.events.findLastIndex(
      ({ event, writer }) => at.has(writer) && isAtOrBelow(event.sequenceNumber, at.get(writer)!),
    );
    const newestMs = history.events[lastNamed]?.event.approximateArrivalMs ?? Number.NEGATIVE_INFINITY;
    const isIn = ({ event, writer }: ItemEvent, index: number) => {
      const reached = at.get(writer);
      if (reached !== undefined) return isAtOrBelow(event.sequenceNumber, reached);
      return index < lastNamed && event.approximateArrivalMs + retentionMs < newestMs;
    };
    // An item that is gone has let go of all that it had.
    const gone = new Map(
      decodePosition(deleted.get(history.pk) ?? NO_POSITION).map((entry) => [
        entry.writer,
        entry.sequenceNumber,
      ]),
    );
    const isGone = ({ event, writer }: ItemEvent) =>
      gone.has(writer) && isAtOrBelow(event.sequenceNumber, gone.get(writer)!);
    // One that expired reads as never seen, and that of a shard that closed long ago is not read at all.
    const hasExpired = () =>
      plan.expiryMs !== null &&
      history.events.every(
        ({ event }) => Math.max(event.eventTimeMs, event.arrivalMs) + plan.expiryMs! < asOfMs,
      );
    // What the item could not take moved nothing, its position neither.
    const isMissing = (each: ItemEvent, index: number) =>
      movesItem(each.outcome) && !isGone(each) && !isIn(each, index);
    const missing = history.events.find(isMissing);
    return {
      history,
      events: history.events.filter((each, index) => isIn(each, index) && movesItem(each.outcome)),
      missing: missing === undefined || hasExpired() ? null : missing,
    };
  });
}

const NO_POSITION = new Uint8Array(0);

function movesItem(outcome: ItemEvent["outcome"]): boolean {
  return outcome !== "item-full" && outcome !== "function-threw" && outcome !== "already-folded";
}

/** An answer is what a recount of the events at its positions gives (R4, R9). */
export function checkAnswer(options: {
  readonly plan: ViewPlan;
  readonly reading: FeatureReading;
  readonly covered: readonly Covered[];
  readonly report: Report;
}): void {
  const { plan, reading, covered, report } = options;
  const { asOfMs } = reading;
  const differs = (what: string) =>
    report("answers-equal-oracle", `${plan.id} of ${JSON.stringify(reading.key)} as of ${asOfMs}: ${what}`);
  for (const { history, events } of covered) {
    const moving = history.events.filter(({ outcome }) => movesItem(outcome));
    const gap = events.findIndex((each, index) => each !== moving[index]);
    if (gap >= 0) differs(`its positions leave out an event before ${events[gap]!.event.sequenceNumber}.`);
  }
  const { live, kept } = recount(plan, covered, asOfMs);
  if (reading.known !== live > 0) differs(`known is ${reading.known}, of ${live} items.`);
  for (const { feature } of plan.features) {
    const { window, aggregation: call } = feature;
    const events = eventsIn(window, kept, asOfMs);
    const context = {
      asOfMs,
      window,
      sessionStartMs: Math.min(...events.map((event) => event.eventTimeMs)),
    };
    const wrong = compareAnswer({ call, actual: reading.values[feature.name], events, context });
    if (wrong !== null) differs(`${feature.name} is ${wrong}.`);
  }
}

/** What an entity's items that have not expired keep, and how many they are. */
export function recount(
  plan: ViewPlan,
  covered: readonly Covered[],
  asOfMs: number,
): { readonly live: number; readonly kept: Pick<OracleEntity, "events" | "sessions"> } {
  const live = covered
    .filter(({ events }) => events.length > 0)
    .map(({ events }) => runEntity(plan.view, events.map(oracleRecord)))
    .filter(({ expiresAtMs }) => expiresAtMs === null || asOfMs <= expiresAtMs);
  return {
    live: live.length,
    kept: {
      events: live.flatMap(({ events }) => events),
      sessions: live.length > 0 ? live.flatMap(({ sessions }) => sessions) : noSessions(plan),
    },
  };
}

function noSessions(plan: ViewPlan): OracleSessions[] {
  return plan.view.features.flatMap(({ window }) =>
    window.kind === "session" ? [new OracleSessions(window)] : [],
  );
}

/** The raw event; its 64-bit hash, which breaks ties alone, is the engine's own. */
function oracleRecord({ event, raw }: ItemEvent): OracleRecord {
  const { row, eventTimeMs, arrivalMs } = raw;
  const { identityHigh, identityLow } = event;
  return {
    // Text is kept as UTF-8, which has no form for half a character.
    row: { ...row, merchant: (row.merchant as string).toWellFormed() },
    eventTimeMs,
    arrivalMs,
    id: row.id as string,
    identity: (BigInt(identityHigh >>> 0) << 32n) | BigInt(identityLow >>> 0),
  };
}
