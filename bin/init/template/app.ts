import { App, CfnOutput, Stack } from "aws-cdk-lib";
import { FeaturePipeline } from "freshet-kit/constructs";

const app = new App();
const stack = new Stack(app, "MyFeatures");
const definitions = new URL("./definitions.ts", import.meta.url);
const { api, bucket, streams, table } = new FeaturePipeline(stack, "Features", { definitions });

// Printed by `npx cdk deploy`: README.md says what they are for.
new CfnOutput(stack, "ApiUrl", { value: api.url });
for (const { source, stream } of Object.values(streams)) {
  new CfnOutput(stack, `StreamOf${source}`, { value: stream.streamName });
}
new CfnOutput(stack, "TableName", { value: table.table.tableName });
new CfnOutput(stack, "BucketName", { value: bucket.bucketName });
