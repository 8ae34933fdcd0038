export type { LocalRuntime, LocalRuntimeStats } from "./runtime.ts";
export { startLocalRuntime } from "./runtime.ts";
export type { LocalRuntimeOptions } from "./runtime-options.ts";
