import { connectTableSubject } from "../servers/table-servers.ts";
import { holdTable } from "../table/hold.ts";
import type { TableSubject } from "../table/table-subject.ts";
import { startDynamoDbLocal } from "./start.ts";

async function startSubject(): Promise<TableSubject> {
  const server = await startDynamoDbLocal();
  const subject = await connectTableSubject(server.endpoint);
  return {
    ...subject,
    async stop() {
      await subject.stop();
      await server.stop();
    },
  };
}

holdTable("DynamoDB Local", startSubject);
