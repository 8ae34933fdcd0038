/** The CDK app that cdk.json names. */
import { createPipelineApp } from "./synthesis/pipeline-app.ts";

createPipelineApp().app.synth();
