/// <reference path="../definitions.d.ts" />
import * as bundled from "freshet:definitions";
import { handle, type LambdaContext, type LambdaEvent } from "hono/aws-lambda";
import { stopOnSignal } from "../../lib/serve/stop-on-signal.ts";
import { createInferApp as createApp, type InferApp, type InferAppOptions } from "./create-infer-app.ts";
import { createInferMetrics } from "./emit-metrics.ts";

export type { InferApp, InferAppOptions } from "./create-infer-app.ts";

/** Makes the API of the definitions that it is bundled with, or of others. */
export function createInferApp(
  options: Omit<InferAppOptions, "definitions"> & Partial<Pick<InferAppOptions, "definitions">>,
): Promise<InferApp> {
  return createApp({ definitions: bundled, ...options });
}

type LambdaHandler = ReturnType<typeof handle>;

let deployed: Promise<LambdaHandler> | undefined;

/** Begins once; what failed to begin is begun again by the next request. */
function deploy(): Promise<LambdaHandler> {
  deployed ??= createInferApp({ environment: process.env, ...createInferMetrics(process.env) }).then(
    ({ app, close }) => {
      // Lambda asks with SIGTERM where an extension is registered; a container always.
      stopOnSignal({ stop: close, onFailure: (error) => console.error(error) });
      return handle(app);
    },
    (error) => {
      deployed = undefined;
      throw error;
    },
  );
  return deployed;
}

// Lambda initialises with a whole processor: models load there, not during the first request.
if (process.env.AWS_LAMBDA_FUNCTION_NAME !== undefined) await deploy();

/** What Lambda calls: behind an API Gateway, a function URL or a load balancer. */
export async function handler(event: LambdaEvent, context?: LambdaContext) {
  const answer = await deploy();
  return answer(event, context);
}
