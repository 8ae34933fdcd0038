import { isRecord } from "./check-options.ts";
import { checkIdentifier } from "./identifier.ts";
import { quote, quoteAll, refuse } from "./refuse.ts";
import type { FeatureValue, View, ViewReference } from "./types.ts";
import type { Scalar } from "./where.ts";

/** A view under the key names that a request uses, with its types. Made by {@link DefinedView.by}. */
export interface TypedViewReference<
  Features extends Record<string, FeatureValue> = Record<string, FeatureValue>,
  Keys extends Record<string, Scalar> = Record<string, Scalar>,
> extends ViewReference {
  /**
   * Type-check only; never set.
   * @hidden
   */
  readonly __features?: Features;
  /** @hidden */
  readonly __keys?: Keys;
}

/** A view as `view()` returns it: plain data, and a way to name its keys. */
export interface DefinedView<
  Name extends string = string,
  Features extends Record<string, FeatureValue> = Record<string, FeatureValue>,
  Key extends Record<string, Scalar> = Record<string, Scalar>,
> extends View<Name, Features, Key> {
  /**
   * The view for an entity that a request names otherwise: `account.by({ account: "payer" })` reads the account whose
   * key comes as `payer`. Key fields that are not given keep their name.
   *
   * @throws FreshetError `DEFINITION_INVALID` for a field that is not in the view's entity.
   */
  by<const Names extends { readonly [Field in keyof Key]?: string }>(
    names: Names,
  ): TypedViewReference<Features, RenamedKeys<Key, Names>>;
}

type RenamedKeys<Key extends Record<string, Scalar>, Names> = {
  [Field in keyof Key & string as Field extends keyof Names
    ? Names[Field] extends string
      ? Names[Field]
      : Field
    : Field]: Key[Field];
};

/** A reference to a view whose request keys are named as its entity's fields, save for `names`. */
export function referenceTo(
  view: View,
  names: Readonly<Record<string, string | undefined>> = {},
): ViewReference {
  const place = `view ${quote(view.name)}, by`;
  if (!isRecord(names))
    refuse(place, `${quote(names)} is no object; write a key's name by field of the entity.`);
  for (const [field, name] of Object.entries(names)) {
    if (!view.entity.includes(field)) {
      refuse(place, `${quote(field)} is not a field of the entity; it has ${quoteAll(view.entity)}.`);
    }
    if (name !== undefined) checkIdentifier(place, name);
  }
  const keys = Object.fromEntries(view.entity.map((field) => [field, names[field] ?? field]));
  const used = Object.values(keys);
  const twice = used.find((name, index) => used.indexOf(name) !== index);
  if (twice !== undefined)
    refuse(place, `two fields would read the key ${quote(twice)}; give each its own name.`);
  return { view, keys };
}
