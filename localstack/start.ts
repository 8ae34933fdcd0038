/** Starts ministack and keeps it until Ctrl-C: `npm run localstack`. */
import { startMinistack } from "./ministack.ts";

const { endpoint, stop } = await startMinistack();
console.log(`AWS_ENDPOINT_URL=${endpoint} AWS_ENDPOINT_URL_S3=${endpoint}`);
console.log("AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1");
await new Promise<void>((resolve) => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  // A process that waits for a signal alone would end.
  setInterval(() => {}, 60_000).ref();
});
await stop();
process.exit();
