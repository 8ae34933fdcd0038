import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startMinistack } from "../../../localstack/ministack.ts";
import type { StreamSubject } from "../stream/stream-subject.ts";
import type { TableSubject } from "../table/table-subject.ts";
import { connectStreamSubject } from "./stream-servers.ts";
import { connectTableSubject } from "./table-servers.ts";

/** The name that its deviations are declared under. */
export const MINISTACK = "ministack";

const MOVED_CLOCK = fileURLToPath(new URL("moved-clock", import.meta.url));

/** A ministack of its own, by its DynamoDB. */
export async function startMinistackTable(): Promise<TableSubject> {
  const server = await startMinistack();
  const subject = await connectTableSubject(server.endpoint);
  return {
    ...subject,
    async stop() {
      await subject.stop();
      await server.stop();
    },
  };
}

/** A ministack of its own, by its Kinesis; its clock can be moved. */
export async function startMinistackStream(): Promise<StreamSubject> {
  const folder = mkdtempSync(join(tmpdir(), "freshet-clock-"));
  const file = join(folder, "ahead");
  /** At once, since the server reads it all the time. */
  const setAhead = (ms: number) => {
    writeFileSync(`${file}.new`, String(ms / 1_000));
    renameSync(`${file}.new`, file);
  };
  setAhead(0);
  const server = await startMinistack({ environment: { PYTHONPATH: MOVED_CLOCK, FRESHET_CLOCK_FILE: file } });
  const subject = await connectStreamSubject(server.endpoint);
  return {
    ...subject,
    async ahead(ms, action) {
      setAhead(ms);
      try {
        return await action();
      } finally {
        setAhead(0);
      }
    },
    async stop() {
      await subject.stop();
      await server.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
