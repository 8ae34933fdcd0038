/** A field's value as conditions and entity keys see it. */
export type Scalar = string | number | boolean;

/** One comparison of a field. Made by {@link gt}, {@link gte}, {@link lt}, {@link lte}, {@link not}, {@link oneOf}. */
export type Comparison<T extends Scalar = Scalar> =
  | { readonly operator: "gt" | "gte" | "lt" | "lte"; readonly value: T & number }
  | { readonly operator: "not"; readonly value: T }
  | { readonly operator: "oneOf"; readonly values: readonly T[] };

/** What a filter may be given for a field: a value to equal, or a comparison. */
export type Condition<T extends Scalar = Scalar> = T | Comparison<T>;

/**
 * A filter as the engine sees it: every named field meets its condition (a missing or null field meets none),
 * or a pure function of the row returns true.
 */
export type Where =
  | { readonly kind: "match"; readonly conditions: Readonly<Record<string, Condition>> }
  | {
      readonly kind: "function";
      /** Pure: it is run once an event, and its answer never kept. */
      readonly test: (row: Readonly<Record<string, unknown>>) => boolean;
    };

/** The field is above a number. */
export const gt = (value: number): Comparison<number> => ({ operator: "gt", value });
/** The field is at or above a number. */
export const gte = (value: number): Comparison<number> => ({ operator: "gte", value });
/** The field is below a number. */
export const lt = (value: number): Comparison<number> => ({ operator: "lt", value });
/** The field is at or below a number. */
export const lte = (value: number): Comparison<number> => ({ operator: "lte", value });
/** The field has a value, and another one. */
export const not = <T extends Scalar>(value: T): Comparison<T> => ({ operator: "not", value });
/** The field is one of some values. */
export const oneOf = <T extends Scalar>(...values: readonly T[]): Comparison<T> => ({
  operator: "oneOf",
  values,
});
