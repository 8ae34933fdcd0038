import { holdServer } from "../run-checks.ts";
import { tableDeviations } from "../servers/table-deviations.ts";
import { tableSuite } from "./checks.ts";
import type { TableSubject } from "./table-subject.ts";

/** Holds a server to what the store relies on. @param server - The name that its deviations are declared under. */
export function holdTable(server: string, start: () => Promise<TableSubject>): void {
  const name = "what the store relies on of DynamoDB";
  holdServer({ name, server, checks: tableSuite, deviations: tableDeviations, start });
}
