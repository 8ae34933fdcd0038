import { holdServer } from "../run-checks.ts";
import { streamDeviations } from "../servers/stream-deviations.ts";
import { streamSuite } from "./checks.ts";
import type { StreamSubject } from "./stream-subject.ts";

/** Holds a server to what the poller and the producer rely on. @param server - The name that its deviations are declared under. */
export function holdStream(server: string, start: () => Promise<StreamSubject>): void {
  const name = "what the poller and the producer rely on of Kinesis";
  holdServer({ name, server, checks: streamSuite, deviations: streamDeviations, start });
}
