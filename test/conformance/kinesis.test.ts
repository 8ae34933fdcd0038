import { serverName } from "./servers/endpoint.ts";
import { connectStreamSubject, startKinesaliteSubject, startStreamModel } from "./servers/stream-servers.ts";
import { holdStream } from "./stream/hold.ts";

holdStream("the stream model", startStreamModel());
holdStream(
  "the stream model, children below their parents, ended by the last records",
  startStreamModel({ childNumbers: "below-parents", closedShardEnds: "with-last-records" }),
);
holdStream("kinesalite", startKinesaliteSubject);
const endpoint = process.env.FRESHET_CONFORMANCE_KINESIS;
if (endpoint !== undefined) holdStream(serverName, () => connectStreamSubject(endpoint));
