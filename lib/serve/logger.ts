/** Writes structured log lines, one JSON object each. Powertools' Logger fits through a thin wrapper. */
export interface ServeLogger {
  info(message: string, fields: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields: Readonly<Record<string, unknown>>): void;
  error(message: string, fields: Readonly<Record<string, unknown>>): void;
}
