import { FreshetError } from "../define/error.ts";
import type { Scalar } from "../define/where.ts";
import { type EntityKey, entityKey, itemKey } from "../engine/key.ts";
import type { ViewPlan } from "../engine/plan.ts";
import type { QuarantineReason } from "../engine/record.ts";
import type { BatchEvent } from "./decode-batch.ts";

/** The events of one entity of one view in a batch: what becomes one conditional write. */
export interface EntityGroup {
  readonly plan: ViewPlan;
  readonly key: EntityKey;
  /** The item's key in the table. */
  readonly pk: string;
  /** In sequence order. */
  readonly events: readonly BatchEvent[];
}

/** An event whose entity cannot be named. */
export interface UnkeyableEvent extends BatchEvent {
  readonly plan: ViewPlan;
  readonly reason: QuarantineReason;
  readonly detail: string;
}

export interface GroupedEvents {
  readonly groups: readonly EntityGroup[];
  readonly unkeyable: readonly UnkeyableEvent[];
}

/** Groups a view's events by entity, in the order in which entities first appear. */
export function groupByEntity(plan: ViewPlan, writer: string, events: readonly BatchEvent[]): GroupedEvents {
  const { entity } = plan.view;
  const groups = new Map<string, EntityGroup & { events: BatchEvent[] }>();
  const unkeyable: UnkeyableEvent[] = [];
  for (const batchEvent of events) {
    const { row } = batchEvent.event;
    // The schema types a field, but an optional or free-form one may still hold what is no key: entityKey refuses it.
    const values = entity.map((field) => row[field] as Scalar);
    let key: EntityKey;
    try {
      key = entityKey(plan, values);
    } catch (error) {
      const reason = reasonOf(error, values);
      if (reason === null) throw error;
      unkeyable.push({ ...batchEvent, plan, reason, detail: (error as FreshetError).message });
      continue;
    }
    const group = groups.get(key.partition);
    if (group !== undefined) group.events.push(batchEvent);
    else {
      const pk = itemKey(key, plan.singleWriter ? null : writer);
      groups.set(key.partition, { plan, key, pk, events: [batchEvent] });
    }
  }
  return { groups: [...groups.values()], unkeyable };
}

/** Why an entity cannot be named; null for an error that is not about its key. */
function reasonOf(error: unknown, values: readonly unknown[]): QuarantineReason | null {
  if (!(error instanceof FreshetError)) return null;
  if (error.code === "ENTITY_KEY_TOO_LONG") return "key-too-long";
  if (error.code !== "ENTITY_KEY_INVALID") return null;
  return values.every(isScalar) ? "ill-formed-unicode" : "schema";
}

function isScalar(value: unknown): boolean {
  return (
    typeof value === "string" ||
    typeof value === "boolean" ||
    (typeof value === "number" && Number.isFinite(value))
  );
}
