import type { Writable } from "node:stream";
import { FreshetError } from "../define/error.ts";

/** Takes structured log lines. */
export interface LocalLogger {
  /** Every request. */
  info(message: string, fields: Readonly<Record<string, unknown>>): void;
  /** What was refused, and what will be tried again. */
  warn(message: string, fields: Readonly<Record<string, unknown>>): void;
  /** What failed. */
  error(message: string, fields: Readonly<Record<string, unknown>>): void;
}

/** Writes warnings and errors as JSON lines, on standard error; a line a request, which `info` is, would drown them. */
export function createStandardErrorLogger(output: Writable = process.stderr): LocalLogger {
  const write = (level: "warn" | "error") => (message: string, fields: Readonly<Record<string, unknown>>) => {
    output.write(`${JSON.stringify({ level, message, ...fields }, errorsAsObjects)}\n`);
  };
  return { info: () => {}, warn: write("warn"), error: write("error") };
}

function errorsAsObjects(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { name, message, cause, stack } = value;
  const code = value instanceof FreshetError ? value.code : undefined;
  return { name, code, message, stack, cause };
}
