import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { ItemValue, StoredItem } from "./state-store.ts";

export function marshalValue(value: ItemValue): AttributeValue {
  if (typeof value === "string") return { S: value };
  if (typeof value === "number") return { N: String(value) };
  if (typeof value === "boolean") return { BOOL: value };
  return { B: value };
}

export function marshalItem(item: StoredItem): Record<string, AttributeValue> {
  const marshalled: Record<string, AttributeValue> = {};
  for (const name of Object.keys(item)) marshalled[name] = marshalValue(item[name]!);
  return marshalled;
}

/** Attributes of types that Freshet does not write (someone else's additions) are left out. */
export function unmarshalItem(attributes: Readonly<Record<string, AttributeValue>>): StoredItem {
  const item: Record<string, ItemValue> & { pk: string } = { pk: attributes.pk!.S! };
  for (const name of Object.keys(attributes)) {
    const attribute = attributes[name]!;
    if (attribute.S !== undefined) item[name] = attribute.S;
    else if (attribute.N !== undefined) item[name] = Number(attribute.N);
    else if (attribute.BOOL !== undefined) item[name] = attribute.BOOL;
    else if (attribute.B !== undefined) item[name] = attribute.B;
  }
  return item;
}

/** About what DynamoDB counts as an item's size: names and values, text as UTF-8. */
export function itemBytes(item: StoredItem): number {
  let bytes = 0;
  for (const name of Object.keys(item)) {
    const value = item[name]!;
    bytes += name.length;
    if (typeof value === "string") bytes += Buffer.byteLength(value);
    else if (typeof value === "number") bytes += Math.ceil(String(value).length / 2) + 1;
    else bytes += typeof value === "boolean" ? 1 : value.length;
  }
  return bytes;
}
