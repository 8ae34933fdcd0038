import { FreshetError } from "../define/error.ts";
import { type EntityKey, itemKey } from "../engine/key.ts";
import type { ViewPlan } from "../engine/plan.ts";
import type { PassingEvent, QuarantineReason } from "../engine/record.ts";
import { type EventRange, ViewEvents } from "../engine/view-events.ts";
import type { EntityDirectory } from "./entity-directory.ts";

/** The events of one entity of one view in a batch: what becomes one conditional write. */
export interface EntityGroup extends EventRange {
  readonly plan: ViewPlan;
  readonly key: EntityKey;
  /** The item's key in the table. */
  readonly pk: string;
  /** The view's events of the batch, by the indices of their records. */
  readonly events: ViewEvents;
}

/** An event whose entity cannot be named. */
export interface UnkeyableEvent {
  readonly index: number;
  readonly arrivalMs: number;
  readonly reason: QuarantineReason;
  readonly detail: string;
}

/** An entity that the batch named, and how many events it has. */
interface OpenGroup {
  readonly entity: number;
  size: number;
}

/** A view's events of a batch by entity. */
export class EntityGroups {
  readonly unkeyable: UnkeyableEvent[] = [];
  private readonly events: ViewEvents;
  private readonly opened: OpenGroup[] = [];
  /** The group of each entity, one more than its number; 0: none yet. */
  private groupOfEntity: Int32Array;
  /** The group of each event, and the events' indices, in the order in which they came. */
  private readonly groupOf: Int32Array;
  private readonly indices: Int32Array;
  private added = 0;
  private readonly writer: string | null;

  constructor(
    private readonly plan: ViewPlan,
    private readonly entities: EntityDirectory,
    { writer, records }: { readonly writer: string; readonly records: number },
  ) {
    entities.trim();
    this.events = new ViewEvents(plan, records);
    this.groupOfEntity = new Int32Array(entities.size + records);
    this.groupOf = new Int32Array(records);
    this.indices = new Int32Array(records);
    this.writer = plan.singleWriter ? null : writer;
  }

  /** The groups, in the order in which their entities first appeared. */
  groups(): readonly EntityGroup[] {
    const { plan, events, opened, added, groupOf, indices, entities } = this;
    const order = new Int32Array(added);
    const ends = new Int32Array(opened.length);
    let end = 0;
    for (let group = 0; group < opened.length; group++) {
      ends[group] = end;
      end += opened[group]!.size;
    }
    for (let i = 0; i < added; i++) order[ends[groupOf[i]!]!++] = indices[i]!;
    return opened.map(({ entity, size }, group) => {
      const key = entities.keyOf(entity);
      const to = ends[group]!;
      return { plan, key, pk: itemKey(key, this.writer), events, order, from: to - size, to };
    });
  }

  /** Adds the event of the record at an index of the batch. */
  add(event: PassingEvent, index: number): void {
    let entity: number;
    try {
      entity = this.entities.entity();
    } catch (error) {
      this.refuse(error, event, index);
      return;
    }
    const { opened, groupOfEntity } = this;
    let group = groupOfEntity[entity]! - 1;
    if (group < 0) {
      group = opened.push({ entity, size: 0 }) - 1;
      groupOfEntity[entity] = group + 1;
    }
    opened[group]!.size++;
    this.events.put(index, event, event.fields);
    this.groupOf[this.added] = group;
    this.indices[this.added++] = index;
  }

  private refuse(error: unknown, { arrivalMs }: PassingEvent, index: number): void {
    const reason = reasonOf(error, this.entities.keyValues());
    if (reason === null) throw error;
    this.unkeyable.push({ index, arrivalMs, reason, detail: (error as FreshetError).message });
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
