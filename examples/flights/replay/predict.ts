import type { PredictionAnswer } from "../../../lib/serve/answers.ts";
import type { Flight } from "../flights.ts";
import { predictionRequest } from "../request.ts";

/** An answer of `POST /v1/predict` and how long it took. */
export interface TimedPrediction {
  readonly answer: PredictionAnswer;
  readonly tookMs: number;
}

/**
 * Asks the running API for a flight's chance to be late.
 *
 * @throws Error with the problem document when it answers anything but 200.
 */
export async function requestPrediction(url: string, flight: Flight): Promise<TimedPrediction> {
  const startedMs = performance.now();
  const response = await fetch(new URL("/v1/predict", url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(predictionRequest(flight)),
  });
  const text = await response.text();
  const tookMs = performance.now() - startedMs;
  if (response.status !== 200) throw new Error(`POST /v1/predict answered ${response.status}: ${text}`);
  return { answer: JSON.parse(text) as PredictionAnswer, tookMs };
}

/** The same request for a shell. */
export function curlLine(url: string, flight: Flight): string {
  const body = JSON.stringify(predictionRequest(flight));
  return `curl -s ${new URL("/v1/predict", url)} -H 'content-type: application/json' -d '${body}'`;
}
