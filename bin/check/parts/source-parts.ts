import { describeFields, isObjectSchema } from "../../../lib/define/schema-field.ts";
import { source } from "../../../lib/define/source.ts";
import type { Source } from "../../../lib/define/types.ts";
import { refusalOf } from "../problem.ts";
import { type Findings, findRefusals, type Options } from "./find-refusals.ts";

const SETTINGS = ["eventId", "arrivalTime", "maxFutureSkew", "clockSkew", "retention"] as const;

/** What is wrong with a source, and whether its partition key is: which fields hold it cannot be told then. */
export interface SourceFindings extends Findings<Source> {
  readonly isKeyRefused: boolean;
}

/** Everything that is wrong with what `source()` is given. */
export function sourceFindings(name: string, given: Options): SourceFindings {
  const make = (options: Options) => source(name, options as never) as unknown as Source;
  const sound = soundFields(given);
  const findings = findRefusals({
    make,
    given,
    parts: () => {
      if (sound === null) return {};
      const parts: Record<string, Options> = {
        partitionKey: { ...sound, partitionKey: given.partitionKey },
        eventTime: { ...sound, eventTime: given.eventTime },
      };
      for (const option of SETTINGS) {
        if (given[option] !== undefined) parts[option] = { ...sound, [option]: given[option] };
      }
      return parts;
    },
    repair: (wrong) => (sound === null ? null : { ...given, ...replaced(sound, wrong) }),
  });
  return { ...findings, isKeyRefused: sound !== null && sound.partitionKey !== given.partitionKey };
}

function replaced(sound: Options, wrong: ReadonlySet<string>): Options {
  // An event id that is refused is none that is missing, which the views' dedup needs.
  const all: Options = wrong.has("eventId") ? { ...sound, eventId: soundEventId(sound) } : sound;
  return Object.fromEntries([...wrong].map((option) => [option, all[option]]));
}

function soundEventId(sound: Options): string | undefined {
  if (!isObjectSchema(sound.schema)) return undefined;
  return [...describeFields(sound.schema).keys()].find(
    (eventId) => refusalOf(() => source("sound", { ...sound, eventId } as never)) === null,
  );
}

/** A partition key and event time that the schema has, the given ones where they will do; null when it has none. */
function soundFields({ schema, partitionKey, eventTime }: Options): Options | null {
  if (!isObjectSchema(schema)) return null;
  const fields = [...describeFields(schema).keys()];
  for (const key of [partitionKey, ...fields]) {
    for (const time of [eventTime, ...fields]) {
      const options = { schema, partitionKey: key, eventTime: time };
      if (refusalOf(() => source("sound", options as never)) === null) return options;
    }
  }
  return null;
}
