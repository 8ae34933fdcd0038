import type { OptionNames } from "../../define/check-options.ts";
import { FreshetError } from "../../define/error.ts";
import { requireKnownOptions } from "../../define/require-known-options.ts";
import type { FeatureService, FeatureValue, StalePolicy } from "../../define/types.ts";
import type { Scalar } from "../../define/where.ts";
import type { Prediction, ServiceFeatures } from "./answers.ts";
import { ApiError, isProblem, problemError } from "./api-error.ts";
import { call } from "./call.ts";
import { type ClientOptions, systemClientTiming } from "./client-options.ts";
import { type HistoryRequest, historyPath, type ViewHistory } from "./history.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";

const CLIENT_OPTIONS: OptionNames<ClientOptions> = {
  url: 0,
  model: 0,
  timeoutMs: 0,
  attempts: 0,
  headers: 0,
  fetch: 0,
  timing: 0,
};

/** How many entities the API takes in one request; a call of more is sent in parts. */
const MAX_ENTITIES = 500;

/** An object without fields. */
type Empty = Record<string, never>;

/** The keys that a service's requests name. */
export type ServiceKeys<Service> = Service extends { readonly __keys?: infer Keys }
  ? unknown extends Keys
    ? Empty
    : Keys
  : Record<string, Scalar>;

/** The context that a service's requests bring, as a caller writes it. */
export type ServiceContext<Service> = Service extends { readonly __requestInput?: infer Input }
  ? Input
  : Record<string, unknown>;

type FeaturesOf<Service> = Service extends { readonly __features?: infer Features }
  ? Features
  : Readonly<Record<string, Readonly<Record<string, FeatureValue>>>>;

type KeysByAliasOf<Service> = Service extends { readonly __keysByAlias?: infer Keys }
  ? Keys
  : Readonly<Record<string, Readonly<Record<string, Scalar>>>>;

// A part that has no required field may be left out.
type KeysPart<Service> =
  Empty extends ServiceKeys<Service>
    ? { readonly keys?: ServiceKeys<Service> }
    : { readonly keys: ServiceKeys<Service> };
type ContextPart<Service> =
  Empty extends ServiceContext<Service>
    ? { readonly context?: ServiceContext<Service> }
    : { readonly context: ServiceContext<Service> };

/** What to score: an entity's keys, and the request's context. */
export type ServiceRequest<Service> = KeysPart<Service> & ContextPart<Service>;

/** Options of one call. */
export interface CallSettings {
  /** Ends the call with the signal's own reason. */
  readonly signal?: AbortSignal;
}

/** Options of one prediction. */
export interface PredictSettings extends CallSettings {
  /** What to do when a view violates its SLA, instead of the model's own policy. */
  readonly onStale?: StalePolicy;
}

/** A service's predictions and features over HTTP, typed by its definition. */
export interface ServiceClient<Service> {
  /**
   * Scores one entity, or one of each of the service's keys.
   *
   * @throws ApiError a problem by its code (`FEATURES_STALE`, `REQUEST_INVALID`, ...), or no answer.
   */
  predict(
    request: ServiceRequest<Service>,
    settings?: PredictSettings,
  ): Promise<Prediction<keyof FeaturesOf<Service> & string>>;
  /**
   * Predicts for many, 500 a request, one request after another. `results[i]` is that of `requests[i]`: its prediction,
   * or what is wrong with it.
   *
   * @throws ApiError what fails a request as a whole.
   */
  predictMany(
    requests: readonly ServiceRequest<Service>[],
    settings?: PredictSettings,
  ): Promise<readonly (Prediction<keyof FeaturesOf<Service> & string> | ApiError)[]>;
  /**
   * Reads the features of the service's views, and scores nothing.
   *
   * @throws ApiError
   */
  features(
    request: KeysPart<Service>,
    settings?: CallSettings,
  ): Promise<ServiceFeatures<FeaturesOf<Service>>>;
  /** As `predictMany`. */
  featuresMany(
    requests: readonly KeysPart<Service>[],
    settings?: CallSettings,
  ): Promise<readonly (ServiceFeatures<FeaturesOf<Service>> | ApiError)[]>;
  /**
   * An entity's tiles as time series, of one of the service's views.
   *
   * @throws ApiError
   */
  history<
    Alias extends keyof FeaturesOf<Service> & keyof KeysByAliasOf<Service> & string,
    Name extends keyof FeaturesOf<Service>[Alias] & string = keyof FeaturesOf<Service>[Alias] & string,
  >(
    alias: Alias,
    request: HistoryRequest<KeysByAliasOf<Service>[Alias], Name>,
    settings?: CallSettings,
  ): Promise<ViewHistory<keyof FeaturesOf<Service>[Alias] & string, FeaturesOf<Service>[Alias][Name]>>;
}

/**
 * A typed client of the HTTP API, for one service: keys, context, aliases and features are those of its definition.
 *
 * Answers of 429 and 503 are tried again after their Retry-After, within `attempts` and `timeoutMs`. Problems are thrown
 * as {@link ApiError}, a FreshetError with the problem's code.
 *
 * @throws FreshetError `OPTION_INVALID` for a URL, a timeout or a number of attempts that cannot be, or an unknown option.
 * @example
 * ```ts
 * const fraud = client(checkout, { url: "https://features.example.com", model: "fraud" });
 * const { score, views } = await fraud.predict({ keys: { card: "c1", payer: "ann" }, context: { amount: 80 } });
 * console.log(score, views.card.status);
 * ```
 */
export function client<const Service extends FeatureService>(
  service: Service,
  options: ClientOptions,
): ServiceClient<Service> {
  requireKnownOptions("client's options", options, CLIENT_OPTIONS);
  const { model, headers = {}, fetch = globalThis.fetch, timing = systemClientTiming } = options;
  const { timeoutMs = 10_000, attempts = 3 } = options;
  requirePositive("timeoutMs", timeoutMs);
  requirePositive("attempts", attempts);
  const base = baseOf(options.url);
  const send = (path: string, body: object | undefined, { signal }: CallSettings = {}) =>
    call({ url: new URL(path, base), body, headers, fetch, timing, timeoutMs, attempts, signal });
  const named = { ...(model === undefined ? {} : { model }) };
  const served = { service: `${service.name}@${service.version}` };

  const postMany = async (
    path: string,
    common: object,
    rows: readonly object[],
    settings: CallSettings | undefined,
  ): Promise<readonly (JsonObject | ApiError)[]> => {
    const results: (JsonObject | ApiError)[] = [];
    for (let at = 0; at < rows.length; at += MAX_ENTITIES) {
      const entities = rows.slice(at, at + MAX_ENTITIES);
      const answer = await send(path, { ...common, entities }, settings);
      const part = isJsonObject(answer) ? answer.results : undefined;
      if (!Array.isArray(part) || part.length !== entities.length) throw unexpected(path, answer);
      results.push(...part.map((row: unknown) => rowOf(row, path)));
    }
    return results;
  };
  const policy = (settings: PredictSettings | undefined) =>
    settings?.onStale === undefined ? {} : { onStale: settings.onStale };

  // The types are the service's; what comes back is what the API's own schemas let out.
  return {
    async predict(request: object, settings?: PredictSettings) {
      const answer = await send(
        "v1/predict",
        { ...named, ...policy(settings), ...rowBody(request) },
        settings,
      );
      const { requestId: _, ...prediction } = predictionIn(answer);
      return prediction;
    },
    async predictMany(requests: readonly object[], settings?: PredictSettings) {
      const common = { ...named, ...policy(settings) };
      const rows = await postMany("v1/predict", common, requests.map(rowBody), settings);
      return rows.map((row) => (row instanceof ApiError ? row : predictionIn(row)));
    },
    async features(request: object, settings?: CallSettings) {
      return viewsIn(await send("v1/features", { ...served, ...rowBody(request) }, settings));
    },
    async featuresMany(requests: readonly object[], settings?: CallSettings) {
      const rows = await postMany("v1/features", served, requests.map(rowBody), settings);
      return rows.map((row) => (row instanceof ApiError ? row : viewsIn(row)));
    },
    async history(
      alias: string,
      request: HistoryRequest<Readonly<Record<string, unknown>>, string>,
      settings?: CallSettings,
    ) {
      const path = historyPath(service, alias, request);
      const { requestId: _, ...history } = historyIn(await send(path, undefined, settings));
      return history;
    },
  } as unknown as ServiceClient<Service>;
}

function rowBody(request: { readonly keys?: object }): object {
  return { keys: {}, ...request };
}

function rowOf(row: unknown, path: string): JsonObject | ApiError {
  if (!isJsonObject(row)) throw unexpected(path, row);
  if (row.problem === undefined) return row;
  if (!isProblem(row.problem)) throw unexpected(path, row);
  return problemError(row.problem, path);
}

function predictionIn(answer: unknown): JsonObject {
  if (isJsonObject(answer) && typeof answer.score === "number") return answer;
  throw unexpected("v1/predict", answer);
}

function viewsIn(answer: unknown): JsonObject {
  if (isJsonObject(answer) && isJsonObject(answer.views)) return answer.views;
  throw unexpected("v1/features", answer);
}

function historyIn(answer: unknown): JsonObject {
  if (isJsonObject(answer) && Array.isArray(answer.series)) return answer;
  throw unexpected("v1/views", answer);
}

function unexpected(path: string, answer: unknown): ApiError {
  return new ApiError(
    "API_ANSWER_INVALID",
    `${path} answered JSON that is not this API's: ${JSON.stringify(answer).slice(0, 200)}`,
  );
}

/** Paths are below it, whether or not it ends in a slash. */
function baseOf(given: string | URL): URL {
  let url: URL;
  try {
    url = new URL(given);
  } catch (cause) {
    throw new FreshetError(
      "OPTION_INVALID",
      `url is ${JSON.stringify(given)}; write a whole one, https://host.`,
      {
        cause,
      },
    );
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new FreshetError("OPTION_INVALID", `url is ${url.href}; it begins with https:// or http://.`);
  }
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

function requirePositive(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new FreshetError("OPTION_INVALID", `${name} is ${value}; it is a whole number from 1 on.`);
}
