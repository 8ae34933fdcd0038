import type { AggregationCall, AggregationName } from "../aggregation-call.ts";
import { AGGREGATION_TRAITS } from "../aggregation-traits.ts";
import { quote, refuse } from "../refuse.ts";
import type { SchemaField } from "../schema-field.ts";

/**
 * Checks that what a feature answers for an empty window is of the kind that it answers otherwise.
 *
 * @throws FreshetError `DEFINITION_INVALID`
 */
export function checkDefault(
  place: string,
  whenEmpty: unknown,
  { name: aggregation, value, parameters }: AggregationCall,
  fields: ReadonlyMap<string, SchemaField>,
): void {
  if (whenEmpty === undefined || whenEmpty === null) return;
  const field = value?.kind === "field" ? value.field : null;
  const { answers } = AGGREGATION_TRAITS[aggregation];
  switch (answers) {
    case "number":
      if (!isFiniteNumber(whenEmpty)) refuse(place, `default is ${quote(whenEmpty)}; write a finite number.`);
      return;
    case "value":
      checkValue(place, field, whenEmpty, fields);
      return;
    case "value counts":
      if (!Array.isArray(whenEmpty) || whenEmpty.length > 0) {
        refuse(place, `default is ${quote(whenEmpty)}; write an empty list, [].`);
      }
      return;
    default:
      checkList(place, { aggregation, field, list: whenEmpty, parameters, fields });
  }
}

function checkList(
  place: string,
  {
    aggregation,
    field,
    list,
    parameters,
    fields,
  }: {
    readonly aggregation: AggregationName;
    readonly field: string | null;
    readonly list: unknown;
    readonly parameters: AggregationCall["parameters"];
    readonly fields: ReadonlyMap<string, SchemaField>;
  },
): void {
  if (!Array.isArray(list)) refuse(place, `default is ${quote(list)}; write a list, such as [].`);
  const { k, edges } = parameters;
  if (edges !== undefined && list.length !== edges.length + 1) {
    refuse(place, `default lists ${list.length} counts; the histogram has ${edges.length + 1} buckets.`);
  }
  if (k !== undefined && list.length > k) {
    refuse(place, `default lists ${list.length} values; ${aggregation} answers at most ${k}.`);
  }
  for (const each of list) {
    if (AGGREGATION_TRAITS[aggregation].answers === "values") checkValue(place, field, each, fields);
    else if (!isFiniteNumber(each)) refuse(place, `default lists ${quote(each)}; list finite numbers.`);
  }
}

function checkValue(
  place: string,
  name: string | null,
  value: unknown,
  fields: ReadonlyMap<string, SchemaField>,
): void {
  const field = name === null ? undefined : fields.get(name);
  const type = typeof value;
  if (field === undefined || field.types.has("unknown") || field.types.has(type as "string")) return;
  refuse(
    place,
    `default is ${quote(value)}; the field ${quote(name)} holds ${[...field.types].join(" or ")}.`,
  );
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
