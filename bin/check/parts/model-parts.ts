import { model } from "../../../lib/define/model.ts";
import type { FeatureService, Model } from "../../../lib/define/types.ts";
import { type Findings, findRefusals, type Options } from "./find-refusals.ts";

const SETTINGS = ["version", "file", "output"] as const;
const SOUND: Options = { version: 1, file: "model.onnx", output: "score", onStale: "serve" };

/** Everything that is wrong with what `model()` is given, over a service that is sound or stands in for one that is not. */
export function modelFindings(
  name: string,
  given: Options,
  service: FeatureService | undefined,
): Findings<Model> {
  const make = (options: Options) => model(name, options as never) as Model;
  const { onStale, defaultScore, fallback } = given;
  const parts: Record<string, Options> = {
    onStale: { ...SOUND, service, onStale, defaultScore, fallback },
    defaultScore: { ...SOUND, service, defaultScore },
    fallback: { ...SOUND, service, fallback },
  };
  for (const option of SETTINGS) {
    if (given[option] !== undefined || option !== "version")
      parts[option] = { ...SOUND, service, [option]: given[option] };
  }
  return findRefusals({
    make,
    given: { ...given, service },
    parts: () => parts,
    repair: (wrong) => {
      const repaired: Record<string, unknown> = { ...given, service };
      for (const option of SETTINGS) if (wrong.has(option)) repaired[option] = SOUND[option];
      if (wrong.has("defaultScore")) delete repaired.defaultScore;
      if (wrong.has("fallback")) delete repaired.fallback;
      if (["onStale", "defaultScore", "fallback"].some((option) => wrong.has(option)))
        repaired.onStale = SOUND.onStale;
      return repaired;
    },
  });
}
