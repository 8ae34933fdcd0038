// A new process of one bundled function: says over IPC how long each step took, in ms since the process began.
import { pathToFileURL } from "node:url";

const begunMs = performance.now();
const [bundleFile, event] = process.argv.slice(2);
const { handler } = await import(pathToFileURL(bundleFile).href);
const loadedMs = performance.now();
const answer = await handler(JSON.parse(event));
const answeredMs = performance.now();
const { user, system } = process.cpuUsage();
const told = {
  begunMs,
  loadedMs,
  answeredMs,
  cpuMs: (user + system) / 1000,
  rssBytes: process.memoryUsage.rss(),
  answer,
};
process.send(told, () => process.exit());
