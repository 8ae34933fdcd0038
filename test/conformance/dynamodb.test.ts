import { afterAll, afterEach, beforeAll, describe } from "vitest";
import { type Deviations, runChecks } from "./check.ts";
import { serverName } from "./servers/endpoint.ts";
import { tableDeviations } from "./servers/table-deviations.ts";
import { connectTableSubject, startDynaliteSubject, startTableModel } from "./servers/table-servers.ts";
import { tableSuite } from "./table/checks.ts";
import type { TableSubject } from "./table/table-subject.ts";

const NONE: Deviations = {};

function hold(server: string, start: () => Promise<TableSubject>): void {
  let subject: TableSubject;
  describe("what the store relies on of DynamoDB", () => {
    beforeAll(async () => {
      subject = await start();
    });
    afterEach(() => subject.cleanUp());
    afterAll(() => subject.stop());
    runChecks({
      server,
      checks: tableSuite,
      deviations: tableDeviations[server] ?? NONE,
      subject: () => subject,
    });
  });
}

hold("the table model", startTableModel);
hold("dynalite", startDynaliteSubject);
const endpoint = process.env.FRESHET_CONFORMANCE_DYNAMODB;
if (endpoint !== undefined) hold(serverName, () => connectTableSubject(endpoint));
