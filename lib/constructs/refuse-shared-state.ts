import { Stack } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import type { Aggregator } from "./aggregator.ts";
import type { EventHistory } from "./event-history.ts";
import type { AnyBucket, AnyTable } from "./options.ts";

/** Tells a part of the kit's from other constructs of an app. */
export type IsPart<Part extends IConstruct> = (construct: IConstruct) => construct is Part;

/**
 * Refuses, at synthesis, a second aggregator of the app that folds a view of the same name and version into the same table,
 * whose items both would write, or another stream for a source of the same name, whose shards both would list.
 */
export function refuseSharedItems(aggregator: Aggregator, isAggregator: IsPart<Aggregator>): void {
  aggregator.node.addValidation({
    validate: () =>
      laterParts(aggregator, isAggregator).flatMap((other) => {
        if (!isSameTable(aggregator.table, other.table)) return [];
        const ids = other.views.map(({ id }) => id);
        const shared = aggregator.views.filter(({ id }) => ids.includes(id)).map(({ id }) => `view ${id}`);
        // The shards of a stream are listed under its source's name.
        if (
          aggregator.source === other.source &&
          !isSameName(aggregator.stream, other.stream, "streamName")
        ) {
          shared.push(`source ${aggregator.source}`);
        }
        return shared.map(
          (what) =>
            `${aggregator.node.path} and ${other.node.path} fold ${what} into one table, and would write the same items. Give each a table of its own; where one name is two tables, of two accounts or regions, give the stacks env.`,
        );
      }),
  });
}

/** Refuses, at synthesis, a second history of the app that keeps a source of the same name in the same bucket. */
export function refuseSharedHistory(history: EventHistory, isHistory: IsPart<EventHistory>): void {
  history.node.addValidation({
    validate: () =>
      laterParts(history, isHistory)
        .filter((other) => other.prefix === history.prefix && isSameBucket(history.bucket, other.bucket))
        .map(
          (other) =>
            `${history.node.path} and ${other.node.path} keep events below ${history.prefix} of one bucket: who reads one reads both. Give each a bucket of its own, or leave one history out.`,
        ),
  });
}

/** Those that come later in the app, so that two are told of once. */
function laterParts<Part extends IConstruct>(part: Part, isPart: IsPart<Part>): readonly Part[] {
  const parts = part.node.root.node.findAll().filter(isPart);
  return parts.slice(parts.indexOf(part) + 1);
}

/** A table's name is one account's and region's; stacks without either are deployed to the same. */
function isSameTable(one: AnyTable, other: AnyTable): boolean {
  const place = (table: AnyTable) =>
    JSON.stringify(Stack.of(table).resolve([Stack.of(table).account, Stack.of(table).region]));
  return one === other || (isSameName(one, other, "tableName") && place(one) === place(other));
}

/** A bucket's name is everyone's. */
function isSameBucket(one: AnyBucket, other: AnyBucket): boolean {
  return one === other || isSameName(one, other, "bucketName");
}

/** A name that is not written out refers to one thing within one stack alone. */
function isSameName<Key extends string>(
  one: IConstruct & Readonly<Record<Key, string>>,
  other: IConstruct & Readonly<Record<Key, string>>,
  key: Key,
): boolean {
  const [name, another]: unknown[] = [one, other].map((each) => Stack.of(each).resolve(each[key]));
  const isComparable = typeof name === "string" || Stack.of(one) === Stack.of(other);
  return isComparable && JSON.stringify(name) === JSON.stringify(another);
}
