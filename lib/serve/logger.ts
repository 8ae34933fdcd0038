/** Writes structured log lines, one JSON object each. Powertools' Logger fits through a thin wrapper. */
export interface ServeLogger {
  /** Requests that were answered. */
  info(message: string, fields: Readonly<Record<string, unknown>>): void;
  /** What was refused or limited. */
  warn(message: string, fields: Readonly<Record<string, unknown>>): void;
  /** What failed: answers of 500 and above. */
  error(message: string, fields: Readonly<Record<string, unknown>>): void;
}
