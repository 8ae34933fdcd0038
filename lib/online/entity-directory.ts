import type { Scalar } from "../define/where.ts";
import type { FieldValues } from "../engine/decode/field-values.ts";
import { TextMemo, UNKNOWN } from "../engine/decode/text-memo.ts";
import { NOT_KEPT } from "../engine/decode/text-table.ts";
import { type EntityKey, entityKey } from "../engine/key.ts";
import type { ViewPlan } from "../engine/plan.ts";

/** How many entities are remembered before all are let go. */
const MAX_ENTITIES = 65_536;

/** Entities by the value of a view's last key field, behind a map for each field before it. */
type EntitiesByValue = Map<Scalar | null, EntitiesByValue | number>;

/**
 * The entities of a view that records named lately, numbered: an entity is found by its fields' values, since making
 * its key for every event would cost as much as folding it.
 */
export class EntityDirectory {
  private keys: EntityKey[] = [];
  private byValue: EntitiesByValue = new Map();
  private readonly byText: TextMemo;
  private readonly keyFields: readonly number[];

  /** @param values where the records' values stand */
  constructor(
    private readonly plan: ViewPlan,
    private readonly values: FieldValues,
  ) {
    this.byText = new TextMemo(values.table);
    this.keyFields = plan.view.entity.map((field) => values.names.indexOf(field));
  }

  /** One more than the greatest number of an entity. */
  get size(): number {
    return this.keys.length;
  }

  /** Forgets all entities if they are many: their numbers are no longer good. */
  trim(): void {
    if (this.keys.length < MAX_ENTITIES) return;
    this.keys = [];
    this.byValue = new Map();
    this.byText.forget();
  }

  keyOf(entity: number): EntityKey {
    return this.keys[entity]!;
  }

  /** The values of the view's key fields in the record. */
  keyValues(): readonly unknown[] {
    return this.keyFields.map((field) => this.values.value(field));
  }

  /**
   * The number of the record's entity.
   *
   * @throws FreshetError `ENTITY_KEY_INVALID`, `ENTITY_KEY_TOO_LONG` for values that name none
   */
  entity(): number {
    const { keyFields, values, byText } = this;
    const text = keyFields.length === 1 ? values.textNumber(keyFields[0]!) : NOT_KEPT;
    if (text === NOT_KEPT) return this.find() ?? this.add();
    const known = byText.get(text);
    if (known !== UNKNOWN) return known;
    const entity = this.find() ?? this.add();
    byText.set(text, entity);
    return entity;
  }

  private find(): number | undefined {
    const { keyFields, values } = this;
    if (keyFields.length === 0) return this.keys.length === 0 ? undefined : 0;
    let found: EntitiesByValue | number | undefined = this.byValue;
    for (let i = 0; i < keyFields.length && found !== undefined; i++) {
      found = (found as EntitiesByValue).get(values.scalar(keyFields[i]!));
    }
    return found as number | undefined;
  }

  private add(): number {
    // The schema types a field, but an optional or free-form one may still hold what is no key: entityKey refuses it.
    const values = this.keyValues() as readonly Scalar[];
    const entity = this.keys.push(entityKey(this.plan, values)) - 1;
    let place = this.byValue;
    values.forEach((value, i) => {
      if (i === values.length - 1) place.set(value, entity);
      else {
        const next = (place.get(value) as EntitiesByValue | undefined) ?? new Map();
        place.set(value, next);
        place = next;
      }
    });
    return entity;
  }
}
