import { createHash } from "node:crypto";
import { FreshetError } from "../define/error.ts";
import type { Scalar } from "../define/where.ts";
import type { ViewPlan } from "./plan.ts";

/** DynamoDB takes partition keys of 2,048 bytes; past this many a key is hashed (R15). */
const LONGEST_PLAIN_KEY_BYTES = 1024;

/** A hashed key is kept whole in its item: with an image of 350 KB it must stay below DynamoDB's 400 KB. */
export const LONGEST_KEY_BYTES = 32 * 1024;

/** An entity's key, as it names items. */
export interface EntityKey {
  /** Injective text of `view@version` and the key's values; the writer of a many-writer view is not in it yet. */
  readonly partition: string;
  /** The key itself where `partition` holds a hash of it (over 1 KB), to be kept in the item and compared; else null. */
  readonly original: string | null;
}

/**
 * The key of one entity of a view, from its values in the order of `view.entity`: `card@1|sA7%7C3` for the card
 * `"A7|3"`. Each value carries its type, and the separator is escaped, so that no two keys share a text.
 *
 * @throws FreshetError `ENTITY_KEY_INVALID` for a value that is not text, a finite number or a boolean, or is
 *   ill-formed Unicode.
 * @throws FreshetError `ENTITY_KEY_TOO_LONG` past {@link LONGEST_KEY_BYTES}.
 */
export function entityKey(plan: ViewPlan, values: readonly Scalar[]): EntityKey {
  const { entity } = plan.view;
  if (values.length !== entity.length) {
    throw new FreshetError(
      "ENTITY_KEY_INVALID",
      `view ${plan.id}: ${values.length} key values were given for its ${entity.length} key fields (${entity.join(", ")}).`,
    );
  }
  let text = plan.id;
  for (let i = 0; i < values.length; i++) text += `|${encodeKeyValue(values[i], entity[i]!, plan.id)}`;
  // Three bytes is the most that one UTF-16 unit takes, so short text needs no counting.
  if (text.length * 3 <= LONGEST_PLAIN_KEY_BYTES || Buffer.byteLength(text) <= LONGEST_PLAIN_KEY_BYTES) {
    return { partition: text, original: null };
  }
  const bytes = Buffer.byteLength(text);
  if (bytes > LONGEST_KEY_BYTES) {
    throw new FreshetError(
      "ENTITY_KEY_TOO_LONG",
      `view ${plan.id}: the key (${entity.join(", ")}) takes ${bytes} bytes; a key may take ${LONGEST_KEY_BYTES}.`,
    );
  }
  const digest = createHash("sha256").update(text).digest("hex");
  return { partition: `${plan.id}|#${digest}`, original: text };
}

/** The DynamoDB key of an item: `partition`, and for a many-writer view the writer that folds it. */
export function itemKey(key: EntityKey, writer: string | null): string {
  return writer === null ? key.partition : `${key.partition}|@${writer}`;
}

const ESCAPED = /[%|]/g;

function encodeKeyValue(value: unknown, field: string, view: string): string {
  if (typeof value === "string") {
    if (!value.isWellFormed()) {
      throw new FreshetError("ENTITY_KEY_INVALID", `view ${view}: key ${field} is ill-formed Unicode.`);
    }
    return `s${value.replace(ESCAPED, (character) => (character === "%" ? "%25" : "%7C"))}`;
  }
  if (typeof value === "number" && Number.isFinite(value)) return `n${value + 0}`;
  if (typeof value === "boolean") return value ? "b1" : "b0";
  throw new FreshetError(
    "ENTITY_KEY_INVALID",
    `view ${view}: key ${field} is ${value === null ? "null" : typeof value}; a key is text, a finite number or a boolean.`,
  );
}
