/**
 * Tells synthesis what a definitions module holds, and everything that is wrong with it: an object of JSON
 * (`DeploymentDescription`) on the file descriptor 3. Constructs are built synchronously, and neither a TypeScript module
 * of the user's nor the checks of models can be loaded so: lib/constructs starts this program and waits.
 */
import { writeSync } from "node:fs";
import type { DeploymentDescription } from "../lib/bundle/deployment-description.ts";
import { FreshetError } from "../lib/define/error.ts";
import type { Definitions, Source } from "../lib/define/types.ts";
import { isContinuousIntegration, loadDefinitions } from "../lib/local/load-definitions.ts";
import { glueColumns } from "../lib/offline/history/glue-columns.ts";
import { checkDefinitions } from "./check/check-definitions.ts";
import { problemBody, problemText } from "./check/check-text.ts";
import { shapeOfDefinitions } from "./cost/shape-of-definitions.ts";

const RESULT_DESCRIPTOR = 3;
const NOTHING: Definitions = { sources: [], views: [], services: [], models: [] };

async function describe(file: string): Promise<DeploymentDescription> {
  const { errors, problems } = await checkDefinitions(file, {
    frozen: isContinuousIntegration(),
    settings: "known",
  });
  const definitions = errors > 0 ? NOTHING : await loadDefinitions(file, { lock: "verify" });
  const { sources, views, models } = definitions;
  return {
    cost: shapeOfDefinitions(definitions),
    problems: problems.map((problem) => ({
      severity: problem.severity,
      // The CDK says itself that it warns.
      text: problem.severity === "warning" ? problemBody(problem) : problemText(problem).trimEnd(),
    })),
    sources: sources.map((source) => {
      const slas = views.filter((view) => view.source.name === source.name).map(({ slaMs }) => slaMs);
      return {
        name: source.name,
        retentionMs: source.retentionMs,
        slaMs: slas.length === 0 ? null : Math.min(...slas),
        historyColumns: columnsOf(source),
      };
    }),
    views: views.map(({ name, version, source, slaMs }) => ({
      id: `${name}@${version}`,
      name,
      source: source.name,
      slaMs,
    })),
    models: models.map(({ name, file }) => ({ name, file })),
  };
}

function columnsOf(source: Source): DeploymentDescription["sources"][number]["historyColumns"] {
  try {
    return glueColumns(source);
  } catch (error) {
    if (error instanceof FreshetError) return error.message;
    throw error;
  }
}

writeSync(RESULT_DESCRIPTOR, JSON.stringify(await describe(process.argv[2]!)));
