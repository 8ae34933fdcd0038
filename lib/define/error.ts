/**
 * Every way Freshet refuses something. A code is stable: match on it, not on the message.
 */
export type FreshetErrorCode =
  // definitions (R14)
  | "DEFINITION_INVALID"
  | "DEFINITIONS_NOT_FOUND"
  | "DEFINITIONS_NOT_LOADABLE"
  | "STRUCTURE_CHANGED"
  | "STRUCTURE_NOT_LOCKED"
  // engine
  | "IMAGE_CORRUPT"
  | "IMAGE_VERSION_UNKNOWN"
  | "AS_OF_TOO_OLD"
  | "DERIVE_FAILED"
  // online
  | "STORE_UNAVAILABLE"
  | "STREAM_UNAVAILABLE"
  | "ENTITY_KEY_INVALID"
  | "ENTITY_KEY_TOO_LONG"
  | "KEY_COLLISION"
  // serve
  | "MODEL_INVALID"
  | "MODEL_NOT_FOUND"
  | "REQUEST_INVALID"
  | "FEATURES_STALE"
  | "OVERLOADED"
  | "TIME_LIMIT_EXCEEDED"
  | "SHUTTING_DOWN"
  | "INTERNAL"
  // client
  | "API_UNREACHABLE"
  | "API_TIMEOUT"
  | "API_ANSWER_INVALID"
  // local and functions
  | "OPTION_INVALID"
  | "PORT_IN_USE"
  | "OBJECT_STORE_UNWRITABLE"
  | "OBJECT_STORE_UNREADABLE"
  | "STATE_FOLDER_MISMATCH"
  | "STATE_FOLDER_IN_USE"
  | "STATE_FOLDER_CORRUPT"
  | "STATE_FOLDER_EXPIRED"
  | "STATE_FOLDER_UNWRITABLE"
  | "BUNDLE_FAILED";

/**
 * The one error class of the kit. The message says what was given, what is allowed, and where;
 * `cause` holds the error underneath, if there is one.
 *
 * @example
 * ```ts
 * try {
 *   parseDuration("5 min");
 * } catch (error) {
 *   if (error instanceof FreshetError && error.code === "DEFINITION_INVALID") console.error(error.message);
 * }
 * ```
 */
export class FreshetError extends Error {
  override readonly name = "FreshetError";
  /** Stable: match on it, not on the message. */
  readonly code: FreshetErrorCode;

  constructor(code: FreshetErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}
