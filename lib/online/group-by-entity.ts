import { FreshetError } from "../define/error.ts";
import type { Scalar } from "../define/where.ts";
import { type EntityKey, entityKey, itemKey } from "../engine/key.ts";
import type { ViewPlan } from "../engine/plan.ts";
import type { QuarantineReason, SourceEvent } from "../engine/record.ts";
import { ViewEvents } from "../engine/view-events.ts";

/** The events of one entity of one view in a batch: what becomes one conditional write. */
export interface EntityGroup {
  readonly plan: ViewPlan;
  readonly key: EntityKey;
  /** The item's key in the table. */
  readonly pk: string;
  /** The view's events of the batch, by the indices of their records. */
  readonly events: ViewEvents;
  /** Which of them are the entity's, in sequence order. */
  readonly indices: readonly number[];
}

/** An event whose entity cannot be named. */
export interface UnkeyableEvent {
  readonly index: number;
  readonly arrivalMs: number;
  readonly reason: QuarantineReason;
  readonly detail: string;
}

/** A view's events of a batch by entity, in the order in which entities first appear. */
export class EntityGroups {
  readonly unkeyable: UnkeyableEvent[] = [];
  private readonly events: ViewEvents;
  private readonly byKey = new Map<string, EntityGroup & { indices: number[] }>();
  private readonly writer: string | null;

  constructor(
    private readonly plan: ViewPlan,
    { writer, records }: { readonly writer: string; readonly records: number },
  ) {
    this.events = new ViewEvents(plan, records);
    this.writer = plan.singleWriter ? null : writer;
  }

  get groups(): Iterable<EntityGroup> {
    return this.byKey.values();
  }

  /** Adds the event of the record at an index of the batch. */
  add(event: SourceEvent, index: number): void {
    const { plan, events } = this;
    const { row, arrivalMs } = event;
    // The schema types a field, but an optional or free-form one may still hold what is no key: entityKey refuses it.
    const values = plan.view.entity.map((field) => row[field] as Scalar);
    let key: EntityKey;
    try {
      key = entityKey(plan, values);
    } catch (error) {
      const reason = reasonOf(error, values);
      if (reason === null) throw error;
      this.unkeyable.push({ index, arrivalMs, reason, detail: (error as FreshetError).message });
      return;
    }
    events.put(index, event);
    const group = this.byKey.get(key.partition);
    if (group !== undefined) group.indices.push(index);
    else {
      const pk = itemKey(key, this.writer);
      this.byKey.set(key.partition, { plan, key, pk, events, indices: [index] });
    }
  }
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
