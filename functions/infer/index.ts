import * as definitionsModule from "freshet:definitions";
import { handle, type LambdaContext, type LambdaEvent } from "hono/aws-lambda";
import { collectDefinitions } from "../../lib/define/collect-definitions.ts";
import { createInferApp as createApp, type InferApp, type InferAppOptions } from "./create-infer-app.ts";

/** The definitions that this function was bundled with. */
export const definitions = collectDefinitions(definitionsModule);

/** The API, see create-infer-app.ts, with the bundle's definitions. */
export function createInferApp(options: Omit<InferAppOptions, "definitions">): Promise<InferApp> {
  return createApp({ ...options, definitions });
}

type Answer = ReturnType<ReturnType<typeof handle>>;

let started: Promise<ReturnType<typeof handle>> | null = null;

/** Starts once; a start that failed is tried again by the next request. */
function start(): Promise<ReturnType<typeof handle>> {
  started ??= createInferApp({ environment: process.env }).then(
    ({ app }) => handle(app),
    (error) => {
      started = null;
      throw error;
    },
  );
  return started;
}

// Lambda initialises with a full processor: models load there, not in the first request.
if (process.env.AWS_LAMBDA_FUNCTION_NAME !== undefined) await start();

/** The Lambda function behind an API Gateway, a function URL or a load balancer. */
export async function handler(event: LambdaEvent, context?: LambdaContext): Promise<Awaited<Answer>> {
  return (await start())(event, context);
}
