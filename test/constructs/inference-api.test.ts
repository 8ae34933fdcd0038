import type { Stack } from "aws-cdk-lib";
import { Match } from "aws-cdk-lib/assertions";
import { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { AccountPrincipal, Role } from "aws-cdk-lib/aws-iam";
import { FunctionUrlAuthType } from "aws-cdk-lib/aws-lambda";
import { describe, expect, it } from "vitest";
import { InferenceApi, type InferenceApiOptions } from "../../lib/constructs/index.ts";
import { ORDERS, statementsOf, synthesise } from "./fixtures/synthesise.ts";

const api = (stack: Stack, options: InferenceApiOptions = {}) =>
  new InferenceApi(stack, "Api", {
    definitions: ORDERS,
    table: TableV2.fromTableName(stack, "Table", "features"),
    ...options,
  });

describe("InferenceApi", () => {
  it("is called by the URL of its alias, with signed requests", () => {
    const { template } = synthesise(api);
    template.hasResourceProperties("AWS::Lambda::Url", { AuthType: "AWS_IAM", Qualifier: "live" });
    template.hasResourceProperties("AWS::Lambda::Alias", { Name: "live" });
    // Nobody may, until a grant says so.
    template.resourceCountIs("AWS::Lambda::Permission", 0);
  });

  it("takes over by a canary, which its own alarms roll back", () => {
    const { template } = synthesise(api);
    template.hasResourceProperties("AWS::CodeDeploy::DeploymentGroup", {
      DeploymentConfigName: "CodeDeployDefault.LambdaCanary10Percent5Minutes",
      AlarmConfiguration: {
        Enabled: true,
        Alarms: ["ErrorAlarm", "ServerErrorAlarm", "LatencyAlarm"].map((id) => ({
          Name: { Ref: Match.stringLikeRegexp(`^Api${id}`) },
        })),
      },
      AutoRollbackConfiguration: {
        Enabled: true,
        Events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST", "DEPLOYMENT_STOP_ON_ALARM"],
      },
    });
    template.hasResource("AWS::Lambda::Alias", {
      UpdatePolicy: { CodeDeployLambdaAliasUpdate: { DeploymentGroupName: {} } },
    });
  });

  it("takes over at once, open to all and kept warm, when told to", () => {
    const { template } = synthesise((stack) =>
      api(stack, {
        deployment: "all-at-once",
        authType: FunctionUrlAuthType.NONE,
        provisionedConcurrency: 2,
        memorySize: 3008,
      }),
    );
    template.resourceCountIs("AWS::CodeDeploy::DeploymentGroup", 0);
    template.hasResourceProperties("AWS::Lambda::Url", { AuthType: "NONE" });
    template.hasResourceProperties("AWS::Lambda::Alias", {
      ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 2 },
    });
    template.hasResourceProperties("AWS::Lambda::Function", { MemorySize: 3008 });
  });

  it("may read the table, and nothing else", () => {
    const { template } = synthesise(api);
    expect(statementsOf(template, "ApiFunctionRole").map(({ Action }) => Action)).toEqual([
      ["logs:CreateLogStream", "logs:PutLogEvents"],
      ["dynamodb:BatchGetItem", "dynamodb:GetItem"],
    ]);
  });

  it("lets a role call the URL, and not the function past it", () => {
    const { template } = synthesise((stack) => {
      api(stack).grantInvoke(new Role(stack, "Caller", { assumedBy: new AccountPrincipal("123456789012") }));
    });
    expect(statementsOf(template, "Caller")).toMatchObject([
      {
        Action: "lambda:InvokeFunctionUrl",
        Condition: { StringEquals: { "lambda:FunctionUrlAuthType": "AWS_IAM" } },
      },
      {
        Action: "lambda:InvokeFunction",
        Condition: { Bool: { "lambda:InvokedViaFunctionUrl": true } },
      },
    ]);
  });
});
