import { EMBEDDED_CREDENTIALS, EMBEDDED_REGION } from "../../../lib/local/embedded-clients.ts";

/** In place of an endpoint: the account and region of the environment. */
export const AWS = "aws";

/** How to reach a server that stands in for AWS: the environment's region and credentials, or any. */
export function connection(endpoint: string) {
  const isCredentialled = process.env.AWS_ACCESS_KEY_ID !== undefined;
  return {
    endpoint,
    region: process.env.AWS_REGION ?? EMBEDDED_REGION,
    ...(isCredentialled ? {} : { credentials: EMBEDDED_CREDENTIALS }),
  };
}

/** The name under which a server's deviations are declared; one without a name has none. */
export const serverName = process.env.FRESHET_CONFORMANCE_SERVER ?? "the server named";
