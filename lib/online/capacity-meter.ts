/** Adds up what calls to a store cost. Units are DynamoDB's own, as it reports them. */
export interface CapacityMeter {
  readUnits: number;
  /** Includes failed conditional writes, which are billed but not reported: those by the larger of the item given and the one that stands. */
  writeUnits: number;
  readCalls: number;
  writeCalls: number;
  failedConditions: number;
  /** Calls that were throttled, and keys that came back unprocessed, and so had to be sent again. */
  throttles: number;
}

/** A meter at zero, to be given to a reader or a store's calls. */
export const createCapacityMeter = (): CapacityMeter => ({
  readUnits: 0,
  writeUnits: 0,
  readCalls: 0,
  writeCalls: 0,
  failedConditions: 0,
  throttles: 0,
});
