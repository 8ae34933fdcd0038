import { FreshetError, type FreshetErrorCode } from "../../lib/define/error.ts";

/** Where in the user's files something is written; lines and columns from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong (`error`: loading, locking or serving would refuse it) or that may surprise (`warning`). */
export interface Problem {
  readonly severity: "error" | "warning";
  /** The code of the error that loading gives, or may give elsewhere; null where nothing refuses it. */
  readonly code: FreshetErrorCode | null;
  /** What was given, what is allowed, and in which definition. */
  readonly message: string;
  /** Where the definition begins; null where it cannot be told. */
  readonly at: Place | null;
}

/** The error that a call gives, or null. What a user's own function throws is taken as a definition that cannot be loaded. */
export function refusalOf(call: () => unknown): FreshetError | null {
  try {
    call();
    return null;
  } catch (error) {
    if (error instanceof FreshetError) return error;
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return new FreshetError("DEFINITIONS_NOT_LOADABLE", `a function of the definitions threw ${reason}`, {
      cause: error,
    });
  }
}
