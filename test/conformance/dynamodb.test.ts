import { serverName } from "./servers/endpoint.ts";
import { connectTableSubject, startDynaliteSubject, startTableModel } from "./servers/table-servers.ts";
import { holdTable } from "./table/hold.ts";

holdTable("the table model", startTableModel);
holdTable("dynalite", startDynaliteSubject);
const endpoint = process.env.FRESHET_CONFORMANCE_DYNAMODB;
if (endpoint !== undefined) holdTable(serverName, () => connectTableSubject(endpoint));
