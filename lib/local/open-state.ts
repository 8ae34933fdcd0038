import { FreshetError } from "../define/error.ts";
import type { Definitions } from "../define/types.ts";
import { planView } from "../engine/plan.ts";
import { systemClock } from "../engine/ports/clock.ts";
import { structureHash } from "../lock/structure.ts";
import { MAX_RETENTION_HOURS } from "./create-stream.ts";
import type { StateFileSystem } from "./durable/file-system.ts";
import { readPuts } from "./durable/record-puts.ts";
import { openStateFolder, STATE_MAPS, type StateFolder } from "./durable/state-folder.ts";

/** A folder that a runtime keeps its state in. */
export interface StateFolderOptions {
  /** Made when missing. */
  readonly path: string;
  /** What else, beside definitions and shards, must be the same for the state to be gone on with. @default nothing */
  readonly madeBy?: Readonly<Record<string, string | number | boolean | null>>;
  /**
   * For tests of what a disk may do.
   * @default the machine's disk
   * @hidden
   */
  readonly files?: StateFileSystem;
}

const HOUR_MS = 3_600_000;

/**
 * Opens the state of a runtime for these definitions.
 *
 * @throws FreshetError `STATE_FOLDER_EXPIRED` when the streams no longer hold what was put last, and what opening the
 * folder throws.
 */
export async function openState(options: {
  readonly folder: StateFolderOptions;
  readonly definitions: Definitions;
  readonly shards: number;
  readonly onFailure: (error: FreshetError) => void;
}): Promise<StateFolder> {
  const { folder, definitions, shards, onFailure } = options;
  const views = Object.fromEntries(
    definitions.views.map((view) => {
      const plan = planView(view);
      return [plan.id, structureHash(plan)];
    }),
  );
  const state = await openStateFolder({
    path: folder.path,
    identity: {
      ...folder.madeBy,
      shards,
      sources: definitions.sources.map(({ name }) => name).sort(),
      views,
    },
    onFailure,
    ...(folder.files === undefined ? {} : { files: folder.files }),
  });
  try {
    requireUnexpired(state, definitions);
  } catch (error) {
    await state.close();
    throw error;
  }
  return state;
}

/** The embedded Kinesis forgets by the machine's clock, handled or not. */
function requireUnexpired({ path, journal }: StateFolder, { sources }: Definitions): void {
  for (const { name, retentionMs } of sources) {
    const { lastStampMs } = readPuts(journal.maps[STATE_MAPS.puts]!, name);
    const keptMs = Math.min(retentionMs, MAX_RETENTION_HOURS * HOUR_MS);
    if (lastStampMs === null || systemClock.now() - lastStampMs < keptMs) continue;
    throw new FreshetError(
      "STATE_FOLDER_EXPIRED",
      `${path} was last put to at ${new Date(lastStampMs).toISOString()}; stream ${name} keeps records for ${keptMs / HOUR_MS} hours, so that some may be lost. Nothing was changed in it; begin again in an empty folder.`,
    );
  }
}
