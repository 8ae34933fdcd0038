import { type Sample, thirds } from "./sample.ts";

const MIB = 1_048_576;

/**
 * What may change between the first and the last third of the judged time, as medians. Live memory is what garbage
 * collection left, less what the servers' own data grew by; resident memory is the process's as the system counts it.
 */
export const MEMORY_BOUNDS = {
  livePart: 0.05,
  liveBytes: 16 * MIB,
  residentPart: 0.1,
  residentBytes: 64 * MIB,
} as const;

/** Fewer samples make no thirds. */
const LEAST_SAMPLES = 6;

export interface MemoryVerdict {
  /** Growth of live memory between the thirds, servers' data apart, and what is allowed. */
  readonly liveGrowthBytes: number;
  readonly liveAllowedBytes: number;
  readonly residentGrowthBytes: number;
  readonly residentAllowedBytes: number;
  /** Growth of the data that dynalite and kinesalite hold. */
  readonly serverGrowthBytes: number;
  /** What is wrong; none: flat. */
  readonly faults: readonly string[];
}

const live = ({ heapBytes, externalBytes }: Sample): number => heapBytes + externalBytes;
const serverData = ({ tableBytes, streamBytes }: Sample): number => tableBytes + streamBytes;

/** Judges samples of one load that goes on; null when they are too few to tell anything. */
export function judgeMemory(samples: readonly Sample[]): MemoryVerdict | null {
  if (samples.length < LEAST_SAMPLES) return null;
  const total = thirds(samples, live);
  const apart = thirds(samples, (sample) => live(sample) - serverData(sample));
  const resident = thirds(samples, ({ rssBytes }) => rssBytes);
  const servers = thirds(samples, serverData);
  const { livePart, liveBytes, residentPart, residentBytes } = MEMORY_BOUNDS;
  const verdict = {
    liveGrowthBytes: apart.last - apart.first,
    liveAllowedBytes: total.first * livePart + liveBytes,
    residentGrowthBytes: resident.last - resident.first,
    residentAllowedBytes: resident.first * residentPart + residentBytes,
    serverGrowthBytes: servers.last - servers.first,
  };
  const faults: string[] = [];
  if (verdict.liveGrowthBytes > verdict.liveAllowedBytes)
    faults.push(grown("live memory", verdict.liveGrowthBytes, verdict.liveAllowedBytes));
  if (verdict.residentGrowthBytes > verdict.residentAllowedBytes)
    faults.push(grown("resident memory", verdict.residentGrowthBytes, verdict.residentAllowedBytes));
  return { ...verdict, faults };
}

function grown(what: string, bytes: number, allowedBytes: number): string {
  const mib = (value: number) => `${(value / MIB).toFixed(1)} MiB`;
  return `${what} grew by ${mib(bytes)} between the first and the last third; ${mib(allowedBytes)} is allowed.`;
}
