import { setTimeout as sleep } from "node:timers/promises";
import { client } from "freshet-kit/client";
import { startLocalRuntime } from "freshet-kit/local";
import { checkout } from "./definitions.ts";

// The whole pipeline in this process. With --once it ends by itself.
const runtime = await startLocalRuntime({
  definitionsFile: new URL("./definitions.ts", import.meta.url),
});
const stopped = new AbortController();
process.once("SIGINT", () => stopped.abort());
if (process.argv.includes("--once")) stopped.abort();

const api = client(checkout, { url: runtime.url, timeoutMs: 60_000 });
console.log(`the API and its live page: ${runtime.url}`);
for (let second = 0; ; second++) {
  const at = new Date().toISOString();
  const payment = (card: string, amount: number) => ({ id: `${card}-${second}`, card, amount, at });
  await runtime.put("payments", [payment("c1", 20), payment("c2", 5 + (second % 7))]);
  await runtime.drain();
  const { score, views } = await api.predict({ keys: { card: "c1" }, context: { amount: 80 } });
  console.log(`card c1: score ${score.toFixed(3)}, lag ${views.card.lagMs} ms, ${views.card.status}`);
  if (stopped.signal.aborted) break;
  await sleep(1_000, undefined, { signal: stopped.signal }).catch(() => {});
}
await runtime.stop();
