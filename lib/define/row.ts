import type { z } from "zod";
import type { Scalar } from "./where.ts";

/** The row type of a source's schema: what a record is once it has been parsed. */
export type RowOf<Schema extends z.ZodObject> = z.output<Schema>;

type IsAny<T> = 0 extends 1 & T ? true : false;

/** The fields of a row whose value, when there is one, is a `T`. Optional and nullable fields count. */
export type FieldOf<Row, T> = {
  [Field in keyof Row & string]-?: IsAny<Row[Field]> extends true
    ? never
    : [NonNullable<Row[Field]>] extends [never]
      ? never
      : [NonNullable<Row[Field]>] extends [T]
        ? Field
        : never;
}[keyof Row & string];

/** The fields of a row that always hold a `T`. */
export type RequiredFieldOf<Row, T> = {
  [Field in FieldOf<Row, T>]: [Row[Field]] extends [T] ? Field : never;
}[FieldOf<Row, T>];

/** The fields of a row that hold one of a fixed set of texts, as `z.enum` declares. */
export type EnumFieldOf<Row> = {
  [Field in FieldOf<Row, string>]: string extends NonNullable<Row[Field]> ? never : Field;
}[FieldOf<Row, string>];

/** The value of a scalar field, without null. */
export type ScalarOf<Row, Field extends keyof Row> = Extract<NonNullable<Row[Field]>, Scalar>;
