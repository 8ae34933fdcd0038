import { quote } from "../define/refuse.ts";
import type { AnyTable } from "./options.ts";
import { ownedResource } from "./owned-resource.ts";
import { renderedProperties } from "./rendered-properties.ts";
import { TABLE_ATTRIBUTES } from "./table-attributes.ts";

/** Those that are judged already: several constructs have one table. */
const judged = new WeakSet<AnyTable>();

/**
 * Refuses, at synthesis, a table of the app that has another key or TTL attribute than the kit's. It judges what the
 * template will say, by whatever it was overridden. An imported one cannot be looked at.
 */
export function refuseUnsoundTable(table: AnyTable): void {
  if (judged.has(table)) return;
  judged.add(table);
  table.node.addValidation({
    validate() {
      const problem = problemOfTable(table);
      return problem === undefined ? [] : [problem];
    },
  });
}

/** What is wrong with a table of the app, as its template will have it; undefined for one that is sound or imported. */
export function problemOfTable(table: AnyTable): string | undefined {
  const problem = unlikeTheKits(table);
  if (problem === undefined) return undefined;
  const { partitionKey, timeToLive } = TABLE_ATTRIBUTES;
  return `the table ${table.node.path} ${problem}; it has the partition key ${partitionKey} of type S, no sort key, and the TTL attribute ${timeToLive}.`;
}

function unlikeTheKits(table: AnyTable): string | undefined {
  const resource = ownedResource(table);
  if (resource === undefined) return undefined;
  const { KeySchema, AttributeDefinitions, TimeToLiveSpecification } = renderedProperties(resource) as {
    readonly KeySchema?: readonly { readonly AttributeName: unknown; readonly KeyType: unknown }[];
    readonly AttributeDefinitions?: readonly {
      readonly AttributeName: unknown;
      readonly AttributeType: unknown;
    }[];
    readonly TimeToLiveSpecification?: { readonly AttributeName?: unknown; readonly Enabled?: unknown };
  };
  const { partitionKey, timeToLive } = TABLE_ATTRIBUTES;
  const keyOf = (type: string) => KeySchema?.find(({ KeyType }) => KeyType === type)?.AttributeName;
  const sortKey = keyOf("RANGE");
  if (sortKey !== undefined) return `has the sort key ${quote(sortKey)}`;
  const key = keyOf("HASH");
  if (key !== partitionKey) return `has the partition key ${quote(key)}`;
  const type = AttributeDefinitions?.find(({ AttributeName }) => AttributeName === key)?.AttributeType;
  if (type !== "S") return `has a partition key of type ${quote(type)}`;
  if (TimeToLiveSpecification === undefined || TimeToLiveSpecification.Enabled === false) {
    return "has no TTL attribute";
  }
  const { AttributeName: expiry } = TimeToLiveSpecification;
  return expiry === timeToLive ? undefined : `has the TTL attribute ${quote(expiry)}`;
}
