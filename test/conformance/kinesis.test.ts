import { afterAll, afterEach, beforeAll, describe } from "vitest";
import { type Deviations, runChecks } from "./check.ts";
import { serverName } from "./servers/endpoint.ts";
import { streamDeviations } from "./servers/stream-deviations.ts";
import { connectStreamSubject, startKinesaliteSubject, startStreamModel } from "./servers/stream-servers.ts";
import { streamSuite } from "./stream/checks.ts";
import type { StreamSubject } from "./stream/stream-subject.ts";

const NONE: Deviations = {};

function hold(server: string, start: () => Promise<StreamSubject>): void {
  let subject: StreamSubject;
  describe("what the poller and the producer rely on of Kinesis", () => {
    beforeAll(async () => {
      subject = await start();
    });
    afterEach(() => subject.cleanUp());
    afterAll(() => subject.stop());
    runChecks({
      server,
      checks: streamSuite,
      deviations: streamDeviations[server] ?? NONE,
      subject: () => subject,
    });
  });
}

hold("the stream model", startStreamModel());
hold(
  "the stream model, children below their parents, ended by the last records",
  startStreamModel({ childNumbers: "below-parents", closedShardEnds: "with-last-records" }),
);
hold("kinesalite", startKinesaliteSubject);
const endpoint = process.env.FRESHET_CONFORMANCE_KINESIS;
if (endpoint !== undefined) hold(serverName, () => connectStreamSubject(endpoint));
