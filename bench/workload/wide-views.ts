import type { z } from "zod";
import {
  type Duration,
  type FeatureBuilder,
  type FeatureService,
  type Model,
  model,
  service,
  type View,
  view,
  type Windowless,
} from "../../lib/define/index.ts";
import { payments } from "./card-view.ts";

type Payment = z.output<typeof payments.schema>;

/** Five, so that a view of ten aggregations has fifty features. */
const WINDOWS: readonly Duration[] = ["5m", "1h", "6h", "12h", "24h"];

/** Five windows of one hop, the longest of 300 of them: an item of 300 tiles. */
const WINDOWS_OF_ONE_HOP: readonly Duration[] = ["1h", "3h", "6h", "12h", "25h"];

export const VIEW_NAMES = ["card_a", "card_b", "card_c", "card_d"] as const;

/** Four views of fifty features each. */
export const wideViews: readonly View[] = VIEW_NAMES.map((name) =>
  wideView(name, (asked) => asked.over(...(WINDOWS as [Duration, ...Duration[]]))),
);

/** Fifty features over tiles of five minutes. */
export const tiledView: View = wideView("card_tiles", (asked) => {
  const [first, ...others] = WINDOWS_OF_ONE_HOP;
  return others.reduce(
    (windowed, width) => windowed.over(width, { hop: "5m" }),
    asked.over(first!, { hop: "5m" }),
  );
});

type Asked = Windowless<number | null, never>;
type OverWindows = (asked: Asked) => ReturnType<Asked["over"]>;

function wideView(name: string, over: OverWindows): View {
  const features = (t: FeatureBuilder<Payment>) => {
    const asked = {
      spend: t.sum("amount"),
      payments: t.count(),
      average: t.mean("amount"),
      largest: t.max("amount"),
      smallest: t.min("amount"),
      latest: t.last("amount"),
      earliest: t.first("amount"),
      deviation: t.stddev("amount"),
      inX: t.count({ where: { category: "x" } }),
      spendInX: t.sum("amount", { where: { category: "x" } }),
    };
    return Object.fromEntries(Object.entries(asked).map(([feature, each]) => [feature, over(each as Asked)]));
  };
  return view(name, { version: 1, source: payments, entity: "card", sla: "2m", features });
}

/** A service of the views: 50 features a view. */
export function wideService(serviceName: string, views: readonly View[]): FeatureService {
  return service(serviceName, {
    version: 1,
    views: Object.fromEntries(views.map((each) => [each.name, each])),
    // Names made here are checked when the service is, not by the compiler.
    vector: views.flatMap((each) => each.features.map(({ name }) => `${each.name}.${name}`)) as never[],
  });
}

export const wide: FeatureService = wideService("wide", wideViews);
export const narrow: FeatureService = wideService("narrow", wideViews.slice(0, 1));

export const wideModel: Model = model("wide_score", {
  service: wide,
  file: "wide.onnx",
  output: "score",
  onStale: "serve",
});
export const narrowModel: Model = model("narrow_score", {
  service: narrow,
  file: "narrow.onnx",
  output: "score",
  onStale: "serve",
});
