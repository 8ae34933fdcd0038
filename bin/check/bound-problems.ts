import { describeField } from "../../lib/define/schema-field.ts";
import type { View } from "../../lib/define/types.ts";
import { itemBounds } from "../../lib/engine/bounds.ts";
import { MAX_IMAGE_BYTES } from "../../lib/engine/fold.ts";
import { LONGEST_KEY_BYTES } from "../../lib/engine/key.ts";
import { planView } from "../../lib/engine/plan.ts";

/** Past this a key is replaced by its hash, and kept beside it. */
const PLAIN_KEY_BYTES = 1024;
/** The most bytes that one UTF-16 unit of a text takes in a key: three as UTF-8, or three when it is escaped. */
const BYTES_A_CHARACTER = 3;

/** Warnings of a sound view whose items or keys may pass a limit at run time (R15). */
export function boundProblems(view: View): readonly string[] {
  const plan = planView(view);
  const bounds = itemBounds(plan);
  const warnings: string[] = [];
  if (bounds.imageBytes > MAX_IMAGE_BYTES) {
    const [largest] = [
      ...bounds.levels.map(({ bytes, rows, rowBytes }) => ({
        bytes,
        parts: `${rows} rows of ${rowBytes} B`,
      })),
      ...bounds.sessions.map(({ bytes, sessions, sessionBytes }) => ({
        bytes,
        parts: `${sessions} sessions of ${sessionBytes} B`,
      })),
    ].sort((left, right) => right.bytes - left.bytes);
    const most = largest === undefined ? "" : `, ${kilobytes(largest.bytes)} of them in ${largest.parts}`;
    warnings.push(
      `view ${plan.id}: an item whose tiles are all full takes ${kilobytes(bounds.imageBytes)}${most}; past ${kilobytes(MAX_IMAGE_BYTES)} a record is quarantined as item-full. Set longer hops, shorter windows, fewer buckets or a smaller dedup count.`,
    );
  }
  const keyBytes = longestKey(view);
  if (keyBytes !== null && keyBytes > LONGEST_KEY_BYTES) {
    warnings.push(
      `view ${plan.id}: the schema lets a key (${view.entity.join(", ")}) grow to ${kilobytes(keyBytes)}; past ${kilobytes(LONGEST_KEY_BYTES)} a record is quarantined as key-too-long. Give the fields a smaller max().`,
    );
  } else if (keyBytes !== null && keyBytes > PLAIN_KEY_BYTES) {
    warnings.push(
      `view ${plan.id}: the schema lets a key (${view.entity.join(", ")}) grow to ${kilobytes(keyBytes)}; past ${kilobytes(PLAIN_KEY_BYTES)} it is hashed and kept in the item as well, which each write pays for.`,
    );
  }
  return warnings;
}

/** The longest key that the schema allows, in bytes; null where it sets a text no end. */
function longestKey(view: View): number | null {
  let bytes = `${view.name}@${view.version}`.length;
  for (const name of view.entity) {
    const schema = view.source.schema.shape[name]!;
    const { types, values } = describeField(schema as never);
    const longestText =
      values === null
        ? ((schema as { maxLength?: number | null }).maxLength ?? null)
        : Math.max(0, ...values.map((value) => String(value).length));
    if (types.has("string") && longestText === null) return null;
    // A number takes at most 24 characters as text.
    bytes += 2 + Math.max(types.has("string") ? BYTES_A_CHARACTER * longestText! : 0, 24);
  }
  return bytes;
}

function kilobytes(bytes: number): string {
  return bytes < 1024 ? `${bytes} B` : `${(bytes / 1024).toFixed(1)} KB`;
}
