import { FreshetError } from "../define/error.ts";
import type { Scalar } from "../define/where.ts";
import { type TextMemo, UNKNOWN } from "../engine/decode/text-memo.ts";
import { NOT_KEPT } from "../engine/decode/text-table.ts";
import { type EntityKey, entityKey, itemKey } from "../engine/key.ts";
import type { ViewPlan } from "../engine/plan.ts";
import type { PassingEvent, QuarantineReason } from "../engine/record.ts";
import { type EventRange, ViewEvents } from "../engine/view-events.ts";

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
  readonly key: EntityKey;
  readonly pk: string;
  size: number;
}

/** Groups by the value of a view's last key field, behind a map for each field before it. */
type GroupsByValue = Map<Scalar | null, GroupsByValue | number>;

/** A view's events of a batch by entity. */
export class EntityGroups {
  readonly unkeyable: UnkeyableEvent[] = [];
  private readonly events: ViewEvents;
  private readonly opened: OpenGroup[] = [];
  /** The group of each event, and the events' indices, in the order in which they came. */
  private readonly groupOf: Int32Array;
  private readonly indices: Int32Array;
  private added = 0;
  private readonly byValue: GroupsByValue = new Map();
  private readonly keyFields: readonly number[];
  private readonly writer: string | null;
  private readonly groupOfText: TextMemo;

  constructor(
    private readonly plan: ViewPlan,
    {
      writer,
      records,
      groupOfText,
    }: {
      readonly writer: string;
      readonly records: number;
      /** The view's memo over the texts of its records, for the entities that one text names. */
      readonly groupOfText: TextMemo;
    },
  ) {
    this.events = new ViewEvents(plan, records);
    this.groupOf = new Int32Array(records);
    this.indices = new Int32Array(records);
    const names = Object.keys(plan.view.source.schema.shape);
    this.keyFields = plan.view.entity.map((field) => names.indexOf(field));
    this.writer = plan.singleWriter ? null : writer;
    this.groupOfText = groupOfText;
    groupOfText.forget();
  }

  /** The groups, in the order in which their entities first appeared. */
  groups(): readonly EntityGroup[] {
    const { plan, events, opened, added, groupOf, indices } = this;
    const order = new Int32Array(added);
    const ends = new Int32Array(opened.length);
    let end = 0;
    for (let group = 0; group < opened.length; group++) {
      ends[group] = end;
      end += opened[group]!.size;
    }
    for (let i = 0; i < added; i++) order[ends[groupOf[i]!]!++] = indices[i]!;
    return opened.map(({ key, pk, size }, group) => {
      const to = ends[group]!;
      return { plan, key, pk, events, order, from: to - size, to };
    });
  }

  /** Adds the event of the record at an index of the batch. */
  add(event: PassingEvent, index: number): void {
    const group = this.groupFor(event, index);
    if (group < 0) return;
    this.events.put(index, event, event.fields);
    this.opened[group]!.size++;
    this.groupOf[this.added] = group;
    this.indices[this.added++] = index;
  }

  /** The number of the group of an event's entity; -1 for an entity that cannot be named. */
  private groupFor(event: PassingEvent, index: number): number {
    const { keyFields, groupOfText } = this;
    const text = keyFields.length === 1 ? event.fields.textNumber(keyFields[0]!) : NOT_KEPT;
    const known = text === NOT_KEPT ? UNKNOWN : groupOfText.get(text);
    if (known !== UNKNOWN) return known;
    let found: GroupsByValue | number | undefined = this.byValue;
    // A value names its entity by itself: making the key of every event would cost as much as folding it.
    for (let i = 0; i < keyFields.length && found !== undefined; i++) {
      found = (found as GroupsByValue).get(event.fields.scalar(keyFields[i]!));
    }
    if (keyFields.length === 0) found = this.opened.length === 0 ? undefined : 0;
    const group = (found as number | undefined) ?? this.open(event, index);
    if (text !== NOT_KEPT && group >= 0) groupOfText.set(text, group);
    return group;
  }

  private open({ fields, arrivalMs }: PassingEvent, index: number): number {
    const { plan, keyFields, opened } = this;
    // The schema types a field, but an optional or free-form one may still hold what is no key: entityKey refuses it.
    const values = keyFields.map((field) => fields.value(field) as Scalar);
    let key: EntityKey;
    try {
      key = entityKey(plan, values);
    } catch (error) {
      const reason = reasonOf(error, values);
      if (reason === null) throw error;
      this.unkeyable.push({ index, arrivalMs, reason, detail: (error as FreshetError).message });
      return -1;
    }
    const group = opened.length;
    opened.push({ key, pk: itemKey(key, this.writer), size: 0 });
    let place = this.byValue;
    values.forEach((value, i) => {
      if (i === values.length - 1) place.set(value, group);
      else {
        const next = (place.get(value) as GroupsByValue | undefined) ?? new Map();
        place.set(value, next);
        place = next;
      }
    });
    return group;
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
