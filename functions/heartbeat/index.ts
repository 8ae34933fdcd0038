import { createHeartbeatHandler, type HeartbeatHandler } from "./handler.ts";

export {
  createHeartbeatHandler,
  type HeartbeatHandler,
  type HeartbeatHandlerOptions,
  type HeartbeatLogger,
  type HeartbeatReport,
} from "./handler.ts";

let deployed: HeartbeatHandler | undefined;

/** What Lambda calls. Made at the first invocation, so that the module can be loaded without its environment. */
export const handler: HeartbeatHandler = () => {
  deployed ??= createHeartbeatHandler({ environment: process.env });
  return deployed();
};
