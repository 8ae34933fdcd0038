import { serverName } from "../conformance/servers/endpoint.ts";
import {
  MINISTACK,
  startMinistackStream,
  startMinistackTable,
} from "../conformance/servers/ministack-server.ts";
import { connectStreamSubject } from "../conformance/servers/stream-servers.ts";
import { connectTableSubject } from "../conformance/servers/table-servers.ts";
import { holdStream } from "../conformance/stream/hold.ts";
import { holdTable } from "../conformance/table/hold.ts";

const endpoint = process.env.AWS_ENDPOINT_URL;
if (endpoint === undefined) {
  holdTable(MINISTACK, startMinistackTable);
  holdStream(MINISTACK, startMinistackStream);
} else {
  holdTable(serverName, () => connectTableSubject(endpoint));
  holdStream(serverName, () => connectStreamSubject(endpoint));
}
