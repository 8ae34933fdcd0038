import { createRoute, z } from "@hono/zod-openapi";
import type { TileSeries } from "../../engine/history.ts";
import { answerView, featureValue, viewAnswer } from "../answers.ts";
import type { Catalog } from "../catalog.ts";
import type { ServeApp, ServeContext } from "../context.ts";
import { findVersioned } from "../find-versioned.ts";
import { VIOLATION_HEADER, violationHeader } from "../freshness-policy.ts";
import { historyParameters, historyQuery } from "../history-query.ts";
import { problemResponses, STATE_PROBLEMS } from "../problem-response.ts";
import { ProblemError } from "../problems.ts";

const time = z.iso.datetime();

/** Answer of `GET /v1/views/{view}/history`. */
export const historyAnswer = viewAnswer
  .extend({
    requestId: z.string(),
    series: z.array(
      z
        .strictObject({
          features: z.array(z.string()).openapi({
            description: "Features that share these tiles: those of one aggregation over several windows.",
          }),
          emptyValue: featureValue.openapi({ description: "Of a tile without events; those are left out." }),
          stretches: z
            .array(z.strictObject({ from: time, to: time, hopMs: z.number() }))
            .openapi({ description: "Where tiles are known, and how long they are there, oldest first." }),
          tiles: z.array(
            z.strictObject({
              start: time,
              end: time,
              value: featureValue,
              open: z.boolean().openapi({ description: "Whether it holds the as-of time, and still fills." }),
            }),
          ),
        })
        .openapi("TileSeries"),
    ),
    withoutTiles: z
      .array(z.string())
      .openapi({ description: "Features that are not kept in tiles, such as those over a lifetime." }),
  })
  .openapi("History");

export type HistoryAnswer = z.infer<typeof historyAnswer>;

/** Adds `GET /v1/views/{view}/history`: an entity's tiles as time series. */
export function addHistoryRoute(app: ServeApp, { catalog, reader, metrics, limits }: ServeContext): void {
  app.openapi(historyRoute(catalog), async (context) => {
    const view = findVersioned("view", catalog.views, context.req.param("view"), "{view}");
    const { key, range } = historyQuery(view, context.req.queries());
    const reading = await reader.readHistory({ plan: view.plan, key }, range);
    metrics.recordReadings([reading]);
    const values = reading.series.reduce((sum, { tiles }) => sum + tiles.length, 0);
    if (values > limits.historyTiles) {
      throw new ProblemError(
        "range-too-wide",
        `The answer would hold ${values} tiles, at most ${limits.historyTiles} are answered; name a feature, or a range by from and to.`,
      );
    }
    const violations = violationHeader([{ ...reading, alias: view.alias }]);
    const { entity } = view.plan.view;
    return context.json(
      {
        requestId: context.get("requestId"),
        ...answerView({ ...reading, entity }, "serve"),
        series: reading.series.map((series) => answerSeries(series, reading.asOfMs)),
        withoutTiles: [...reading.withoutTiles],
      },
      200,
      violations === null ? {} : { [VIOLATION_HEADER]: violations },
    );
  });
}

function answerSeries(
  { features, emptyValue, stretches, tiles }: TileSeries,
  asOfMs: number,
): HistoryAnswer["series"][number] {
  return {
    features: [...features],
    emptyValue,
    stretches: stretches.map(({ fromMs, toMs, hopMs }) => ({ from: iso(fromMs), to: iso(toMs), hopMs })),
    tiles: tiles.map(({ startMs, endMs, value }) => ({
      start: iso(startMs),
      end: iso(endMs),
      value,
      open: endMs > asOfMs,
    })),
  };
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

function historyRoute({ views }: Catalog) {
  return createRoute({
    method: "get",
    path: "/v1/views/{view}/history",
    operationId: "history",
    summary: "An entity's tiles as time series",
    description:
      "Recent time comes in short tiles, older time in longer ones, as the view keeps them: the stretches say which. Tiles do not overlap, and each is whole.",
    request: {
      params: z.object({
        view: z.string().openapi({
          description: "A view's name, or name@version.",
          example: [...views.keys()][0] ?? "card@1",
        }),
      }),
      query: historyParameters([...views.values()]),
    },
    responses: {
      200: {
        description: `The tiles. Where the view violates its SLA, the header ${VIOLATION_HEADER} names it.`,
        content: { "application/json": { schema: historyAnswer } },
      },
      ...problemResponses(["invalid-request", "range-too-wide", "unknown-view", ...STATE_PROBLEMS]),
    },
  });
}
