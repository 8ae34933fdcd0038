import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import fc from "fast-check";

type Item = Record<string, AttributeValue>;

/** A condition as the store writes it: absence, presence, or equality of every attribute named. */
type Condition =
  | { readonly kind: "none" }
  | { readonly kind: "absence" | "presence"; readonly attribute: string }
  | { readonly kind: "equality"; readonly attributes: Item };

/** What is done to a table; keys are numbers, so that those of one run are its own. */
export type TableStep =
  | { readonly kind: "put"; readonly key: number; readonly attributes: Item; readonly condition: Condition }
  | { readonly kind: "get"; readonly key: number; readonly consistent: boolean }
  | { readonly kind: "batch"; readonly keys: readonly number[]; readonly consistent: boolean };

const numbers = fc.oneof(
  fc.constantFrom("0", "-0", "1", "1.0", "1e0", "-1", "100", "1e2", "0.00010", "1E-4", "99.9", "-99.90"),
  fc.constantFrom(
    "1e125",
    "9.9e125",
    "1e126",
    "1e-130",
    "1e-131",
    "abc",
    "",
    "1.2.3",
    "9".repeat(38),
    "9".repeat(39),
  ),
  fc.integer().map(String),
  fc.tuple(fc.integer(), fc.integer({ min: -20, max: 20 })).map(([digits, power]) => `${digits}e${power}`),
);

/** Sizes about the steps of units: what the model and the server count as a step is compared with them. */
const sizes = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.integer({ min: 960, max: 1_030 }),
  fc.integer({ min: 4_030, max: 4_110 }),
);

const NAMES = ["n", "position", "s", "flag"] as const;

/** Of few values each, so that conditions hold about as often as not. */
const attributes: Readonly<Record<(typeof NAMES)[number], fc.Arbitrary<AttributeValue>>> = {
  n: numbers.map((N) => ({ N })),
  position: fc
    .array(fc.integer({ min: 0, max: 2 }), { maxLength: 2 })
    .map((B) => ({ B: Uint8Array.from(B) })),
  s: fc.constantFrom("", "a", "b", "AQI=").map((S) => ({ S })),
  flag: fc.boolean().map((BOOL) => ({ BOOL })),
};

const attributeSets: fc.Arbitrary<Item> = fc.record(attributes, { requiredKeys: [] });

const items: fc.Arbitrary<Item> = fc
  .tuple(attributeSets, fc.option(sizes, { nil: undefined }))
  .map(([set, size]) => (size === undefined ? set : { ...set, image: { B: new Uint8Array(size) } }));

const conditions: fc.Arbitrary<Condition> = fc.oneof(
  fc.constant({ kind: "none" } as const),
  fc.record({ kind: fc.constantFrom("absence", "presence"), attribute: fc.constantFrom("pk", ...NAMES) }),
  fc.record({
    kind: fc.constant("equality" as const),
    attributes: attributeSets.filter((set) => Object.keys(set).length > 0),
  }),
);

const keys = fc.integer({ min: 0, max: 3 });

const puts: fc.Arbitrary<TableStep> = fc.record({
  kind: fc.constant("put" as const),
  key: keys,
  attributes: items,
  condition: conditions,
});
const gets: fc.Arbitrary<TableStep> = fc.record({
  kind: fc.constant("get" as const),
  key: keys,
  consistent: fc.boolean(),
});
/** Some name a key twice. */
const batches: fc.Arbitrary<TableStep> = fc.record({
  kind: fc.constant("batch" as const),
  keys: fc.array(keys, { minLength: 1, maxLength: 4 }),
  consistent: fc.boolean(),
});

export const tableSteps = fc.array(fc.oneof({ weight: 3, arbitrary: puts }, gets, batches), {
  minLength: 1,
  maxLength: 15,
});

/** What a step comes to: data, equal on two servers that behave alike. */
export async function takeStep(
  client: DynamoDBClient,
  options: { readonly table: string; readonly run: number; readonly step: TableStep },
): Promise<unknown> {
  const { table: TableName, run, step } = options;
  const pk = (key: number) => ({ pk: { S: `${run}-${key}` } });
  const ReturnConsumedCapacity = "TOTAL";
  try {
    switch (step.kind) {
      case "put": {
        const Item = { ...pk(step.key), ...step.attributes };
        const put = { TableName, Item, ReturnConsumedCapacity, ...parameters(step.condition) } as const;
        const { ConsumedCapacity } = await client.send(new PutItemCommand(put));
        return { ConsumedCapacity };
      }
      case "get": {
        const { Item, ConsumedCapacity } = await client.send(
          new GetItemCommand({
            TableName,
            Key: pk(step.key),
            ConsistentRead: step.consistent,
            ReturnConsumedCapacity,
          }),
        );
        return { Item, ConsumedCapacity };
      }
      case "batch": {
        const request = { Keys: step.keys.map(pk), ConsistentRead: step.consistent };
        const { Responses, UnprocessedKeys, ConsumedCapacity } = await client.send(
          new BatchGetItemCommand({ RequestItems: { [TableName]: request }, ReturnConsumedCapacity }),
        );
        const found = [...(Responses?.[TableName] ?? [])];
        return { found: found.sort(byKey), UnprocessedKeys, ConsumedCapacity };
      }
    }
  } catch (error) {
    return (error as Error).name;
  }
}

function byKey(left: Item, right: Item): number {
  return left.pk!.S! < right.pk!.S! ? -1 : 1;
}

function parameters(condition: Condition) {
  if (condition.kind === "none") return {};
  if (condition.kind !== "equality") {
    const test = condition.kind === "absence" ? "attribute_not_exists" : "attribute_exists";
    return {
      ConditionExpression: `${test}(#0)`,
      ExpressionAttributeNames: { "#0": condition.attribute },
    };
  }
  const names = Object.keys(condition.attributes);
  return {
    ConditionExpression: names.map((_, i) => `#${i} = :${i}`).join(" AND "),
    ExpressionAttributeNames: Object.fromEntries(names.map((name, i) => [`#${i}`, name])),
    ExpressionAttributeValues: Object.fromEntries(
      names.map((name, i) => [`:${i}`, condition.attributes[name]!]),
    ),
  };
}
