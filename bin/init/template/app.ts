import { App, Stack } from "aws-cdk-lib";
import { FeaturePipeline } from "freshet-kit/constructs";

const app = new App();
const stack = new Stack(app, "MyFeatures");
new FeaturePipeline(stack, "Features", { definitions: new URL("./definitions.ts", import.meta.url) });
