import { Scalar } from "@scalar/hono-api-reference";
import type { ServeApp } from "../context.ts";

/** Reads the page's script, `@scalar/api-reference` for the browser. It is some 3.5 MB. */
export type ReadReferenceScript = () => Promise<string>;

const SCRIPT_PATH = "/reference/scalar.js";

/** The page asks no host but its own: fonts and whatever else its script would fetch stay where they are. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
].join("; ");

/** Adds `GET /reference`, the API's reference to read and try out, and the script that it loads. */
export function addReferenceRoutes(app: ServeApp, readScript: ReadReferenceScript): void {
  let script: Promise<string> | undefined;
  app.get(SCRIPT_PATH, async (context) => {
    script ??= readScript().catch((error) => {
      script = undefined;
      throw error;
    });
    return context.body(await script, 200, {
      "Content-Type": "text/javascript; charset=utf-8",
      "Cache-Control": "private, max-age=3600",
    });
  });
  app.get(
    "/reference",
    async (context, next) => {
      await next();
      context.header("Content-Security-Policy", CONTENT_SECURITY_POLICY);
    },
    Scalar({
      url: "/openapi.json",
      cdn: SCRIPT_PATH,
      pageTitle: "Freshet",
      withDefaultFonts: false,
      telemetry: false,
      hideClientButton: true,
      // On localhost both would be shown, and ask Scalar's own servers.
      agent: { disabled: true },
      showDeveloperTools: "never",
      favicon: "data:,",
    }),
  );
}
