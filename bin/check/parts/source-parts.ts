import { describeFields, isObjectSchema } from "../../../lib/define/schema-field.ts";
import { source } from "../../../lib/define/source.ts";
import type { Source } from "../../../lib/define/types.ts";
import { refusalOf } from "../problem.ts";
import { type Findings, findRefusals, type Options } from "./find-refusals.ts";

const SETTINGS = ["eventId", "arrivalTime", "maxFutureSkew", "clockSkew", "retention"] as const;

/** Everything that is wrong with what `source()` is given. */
export function sourceFindings(name: string, given: Options): Findings<Source> {
  const make = (options: Options) => source(name, options as never) as unknown as Source;
  const sound = soundFields(given);
  return findRefusals({
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
}

function replaced(sound: Options, wrong: ReadonlySet<string>): Options {
  return Object.fromEntries([...wrong].map((option) => [option, sound[option]]));
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
