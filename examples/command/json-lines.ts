import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { FreshetError } from "../../lib/index.ts";

/** A file of JSON objects, one a line. */
export interface JsonLines {
  write(value: object): void;
  close(): Promise<void>;
}

/**
 * Opens a file for writing, empty.
 *
 * @throws FreshetError `OPTION_INVALID` when it cannot be written.
 */
export async function openJsonLines(file: string, option: string): Promise<JsonLines> {
  const stream = createWriteStream(file);
  try {
    await once(stream, "open");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FreshetError("OPTION_INVALID", `${option} ${file} cannot be written: ${reason}.`, { cause });
  }
  let failure: Error | null = null;
  stream.on("error", (error) => {
    failure = error;
  });
  return {
    write: (value) => {
      stream.write(`${JSON.stringify(value)}\n`);
    },
    close: async () => {
      await new Promise<void>((resolve) => stream.end(() => resolve()));
      if (failure !== null) throw failure;
    },
  };
}
