import { type Profiler, Session } from "node:inspector/promises";

/** What a request's processor time goes to. */
export const PARTS = [
  "store",
  "decode",
  "merge",
  "model",
  "keys, shards and freshness",
  "rows, policies and metrics",
  "JSON and its checks",
  "HTTP",
  "garbage collection",
  "other",
] as const;

export type Part = (typeof PARTS)[number];

/** Each part's share of the samples that were not idle. */
export type Shares = Readonly<Record<Part, number>>;

const SAMPLE_EVERY_MICROSECONDS = 500;

/** Samples this process from now on; the function that it answers ends that and says where the samples fell. */
export async function startProfile(): Promise<() => Promise<Shares>> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: SAMPLE_EVERY_MICROSECONDS });
  await session.post("Profiler.start");
  return async () => {
    const { profile } = await session.post("Profiler.stop");
    session.disconnect();
    return sharesOf(profile);
  };
}

/** Sorts samples by their stacks: by the frame nearest to the top that a part knows, the store's anywhere in it first. */
export function sharesOf({ nodes, samples = [] }: Profiler.Profile): Shares {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parentOf = new Map<number, number>();
  for (const { id, children = [] } of nodes) for (const child of children) parentOf.set(child, id);
  const counts = Object.fromEntries(PARTS.map((part) => [part, 0])) as Record<Part, number>;
  let busy = 0;
  for (const sample of samples) {
    const frames: Profiler.ProfileNode["callFrame"][] = [];
    for (let id: number | undefined = sample; id !== undefined; id = parentOf.get(id))
      frames.push(byId.get(id)!.callFrame);
    if (frames[0]!.functionName === "(idle)") continue;
    busy++;
    counts[partOf(frames)]++;
  }
  return Object.fromEntries(PARTS.map((part) => [part, counts[part] / Math.max(1, busy)])) as Record<
    Part,
    number
  >;
}

type Frame = Pick<Profiler.ProfileNode["callFrame"], "functionName" | "url">;

const STORE =
  /\/@(aws-sdk|smithy)\/|node:_http_client|online\/(dynamo-state-store|marshal|coalesce-reads|backoff)\.ts/;

const DECODES = /^(decode|read(?!Features)|open|number|varint|longVarint|uint32|float64|skip|seek|byte)/;

/** The first that a frame fits, from the top of the stack down. */
const RULES: readonly (readonly [Part, (frame: Frame) => boolean])[] = [
  ["garbage collection", ({ functionName }) => functionName === "(garbage collector)"],
  ["model", ({ url }) => /onnxruntime|wasm:|engine\/vector\.ts|serve\/models\//.test(url)],
  [
    "keys, shards and freshness",
    ({ url }) => /engine\/(key|partition-hash|position|sequence-number)\.ts/.test(url),
  ],
  ["decode", ({ url, functionName }) => url.includes("/lib/engine/") && DECODES.test(functionName)],
  ["merge", ({ url }) => url.includes("/lib/engine/")],
  ["keys, shards and freshness", ({ url }) => url.includes("/lib/online/")],
  // V8 shows JSON.parse and JSON.stringify as time of their callers: Hono's `json`, of requests and of answers.
  ["JSON and its checks", ({ functionName }) => functionName === "json"],
  ["JSON and its checks", ({ url }) => /\/zod\/|serve\/(answers|named-values)\.ts/.test(url)],
  ["rows, policies and metrics", ({ url }) => /lib\/serve\/|prom-client/.test(url)],
  ["HTTP", ({ url }) => /hono|^node:|powertools/.test(url)],
];

function partOf(frames: readonly Frame[]): Part {
  if (frames.some(({ url }) => STORE.test(url))) return "store";
  for (const frame of frames) {
    for (const [part, fits] of RULES) if (fits(frame)) return part;
  }
  return "other";
}
