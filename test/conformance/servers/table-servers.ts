import { DeleteTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { systemClock } from "../../../lib/engine/ports/clock.ts";
import { startDynalite } from "../../../lib/local/dynalite-server.ts";
import { embeddedDynamoClient } from "../../../lib/local/embedded-clients.ts";
import { createTable } from "../../../lib/online/table.ts";
import { asDynamoDBClient } from "../../../lib/testing/models/clients.ts";
import { createTableModel } from "../../../lib/testing/models/table-model.ts";
import type { TableSubject } from "../table/table-subject.ts";
import { AWS, connection } from "./endpoint.ts";

/** The in-memory model of the simulation. */
export async function startTableModel(): Promise<TableSubject> {
  const model = createTableModel({ clock: systemClock });
  return tableSubject({ client: asDynamoDBClient(model.send), prefix: "table", stop: async () => {} });
}

export async function startDynaliteSubject(): Promise<TableSubject> {
  const server = await startDynalite();
  const client = embeddedDynamoClient(server.endpoint);
  return tableSubject({
    client,
    prefix: "table",
    async stop() {
      client.destroy();
      await server.stop();
    },
  });
}

/** A server that someone else runs: what is made there is deleted after each check. @param endpoint - URL, or `aws`. */
export async function connectTableSubject(endpoint: string): Promise<TableSubject> {
  const client = new DynamoDBClient({
    ...(endpoint === AWS ? {} : connection(endpoint)),
    requestHandler: new NodeHttpHandler(),
  });
  const made: string[] = [];
  return {
    ...tableSubject({
      client,
      prefix: `freshet-conformance-${Date.now()}`,
      onTable: (table) => made.push(table),
      stop: async () => client.destroy(),
    }),
    async cleanUp() {
      for (const TableName of made.splice(0)) await client.send(new DeleteTableCommand({ TableName }));
    },
  };
}

function tableSubject(options: {
  readonly client: DynamoDBClient;
  readonly prefix: string;
  readonly onTable?: (table: string) => void;
  readonly stop: () => Promise<void>;
}): TableSubject {
  const { client, prefix, onTable, stop } = options;
  let count = 0;
  return {
    client,
    async newTable() {
      const table = `${prefix}-${++count}`;
      await createTable(client, table);
      onTable?.(table);
      return table;
    },
    cleanUp: async () => {},
    stop,
  };
}
