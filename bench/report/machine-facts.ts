import { availableParallelism, cpus, loadavg, totalmem } from "node:os";

/** What a figure depends on beside the code. */
export interface MachineFacts {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly platform: string;
  readonly node: string;
  readonly v8: string;
  /** Processes that wanted a core in the minute before: over `cores`, figures by the clock say little. */
  readonly loadBefore: number;
}

export function machineFacts(): MachineFacts {
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    v8: process.versions.v8,
    loadBefore: Number(loadavg()[0]!.toFixed(1)),
  };
}

export function machineText(machine: MachineFacts): string {
  const { processor, cores, memoryGiB, platform, node, loadBefore } = machine;
  return `${processor}, ${cores} cores, ${memoryGiB} GiB, ${platform}, Node ${node}, load before ${loadBefore}`;
}
