import type { Bench } from "../bench.ts";
import { countOption } from "../command/options.ts";
import { measureInterleaved } from "../measure/interleaved.ts";
import { cpuMicrosecondsPerCall } from "../measure/per-call.ts";
import type { Figure } from "../report/figure.ts";
import { type DayOfCard, foldDays, sizeFigures } from "./card-sizes.ts";
import { createItemCodec } from "./item-codec.ts";

/** Events a day of a quiet card and of a busy one, and how many bytes each one's item should stay below. */
const CARDS = [
  { perDay: 20, goalBytes: 600 },
  { perDay: 2_000, goalBytes: 3_072 },
];

// An alias, for an interface is no record of settings.
type CodecSettings = {
  readonly milliseconds: number;
  readonly days: number;
};

export const codec: Bench<CodecSettings> = {
  name: "codec",
  about: "an item of 3 windows x 8 features: bytes, and time to decode and encode it, beside JSON",
  options: [
    countOption("--milliseconds <number>", "how long each measurement lasts at least", 1, 200),
    countOption("--days <number>", "days of events before the one whose items are taken", 1, 2),
  ],
  runs: 7,
  async run({ milliseconds, days, runs }, tell) {
    const figures: Figure[] = [];
    for (const { perDay, goalBytes } of CARDS) {
      tell(`folding ${days + 1} days of ${perDay} events`);
      const day = foldDays({ perDay, days });
      figures.push(...sizeFigures(`a card of ${perDay} events a day`, day, goalBytes));
      figures.push(...speedFigures(`a card of ${perDay} events a day`, day, { milliseconds, runs }));
    }
    return figures;
  },
};

function speedFigures(
  name: string,
  { last }: DayOfCard,
  { milliseconds, runs }: { readonly milliseconds: number; readonly runs: number },
): readonly Figure[] {
  const { image, tilesJson } = last;
  const itemCodec = createItemCodec();
  if (!Buffer.from(itemCodec.roundTrip(image)).equals(image))
    throw new Error("a round trip changed an image.");
  const works = {
    "decode every partial and encode it anew": () => itemCodec.roundTrip(image).length,
    "open and write back, as around a fold": () => itemCodec.openAndWriteBack(image).length,
    "JSON.parse and JSON.stringify of the same": () => JSON.stringify(JSON.parse(tilesJson)).length,
  };
  const measured = measureInterleaved(
    Object.entries(works).map(([what, work]) => ({
      name: what,
      measure: () => cpuMicrosecondsPerCall(work, milliseconds),
    })),
    runs,
  );
  return [...measured].flatMap(([what, micros]): Figure[] => {
    const bytes = what.startsWith("JSON") ? Buffer.byteLength(tilesJson) : image.length;
    const about = { case: name, better: "higher" } as const;
    return [
      { ...about, measure: what, unit: "items/CPU s", runs: micros.map((each) => 1e6 / each) },
      {
        ...about,
        measure: `${what}: throughput`,
        unit: "MB/CPU s",
        runs: micros.map((each) => bytes / each),
      },
    ];
  });
}
