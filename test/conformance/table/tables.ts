import { DescribeTimeToLiveCommand, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { createTable, TABLE_SPEC } from "../../../lib/online/table.ts";
import { dynamoDbApi } from "../aws-pages.ts";
import { type Check, outcome } from "../check.ts";
import { put, type TableSubject, text } from "./table-subject.ts";

export const tableChecks: readonly Check<TableSubject>[] = [
  {
    title: "a table is made once",
    documented: dynamoDbApi("CreateTable"),
    async observe(subject) {
      const table = await subject.newTable();
      await put(subject, table, { pk: text("a") });
      return outcome(createTable(subject.client, table));
    },
    expected: "ResourceInUseException",
  },
  {
    title: "TTL is turned on for the attribute of the store",
    documented: dynamoDbApi("UpdateTimeToLive"),
    async observe({ client, newTable }) {
      const TableName = await newTable();
      const AttributeName = TABLE_SPEC.timeToLiveAttribute;
      const update = await outcome(
        client.send(
          new UpdateTimeToLiveCommand({
            TableName,
            TimeToLiveSpecification: { Enabled: true, AttributeName },
          }),
        ),
      );
      const { TimeToLiveDescription: described } = await client.send(
        new DescribeTimeToLiveCommand({ TableName }),
      );
      return {
        update,
        on: described?.TimeToLiveStatus?.startsWith("ENABL"),
        attribute: described?.AttributeName,
      };
    },
    expected: { update: "answered", on: true, attribute: TABLE_SPEC.timeToLiveAttribute },
  },
];
