import type { Duration } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { FunctionToBundle } from "../../bundle/bundle-function.ts";
import { acknowledge } from "../acknowledge.ts";
import type { FunctionOptions } from "../options.ts";
import { functionCode } from "./function-code.ts";
import { createLogGroup } from "./log-group.ts";

export interface KitFunctionProps extends FunctionOptions {
  readonly bundle: FunctionToBundle;
  readonly description: string;
  /** MB */
  readonly memorySize: number;
  readonly timeout: Duration;
  readonly environment: Readonly<Record<string, string>>;
}

/** Lambda takes no longer one. */
const DESCRIPTION_LENGTH = 256;

/** What a function in a VPC needs for its network interface. */
const NETWORK_INTERFACE_ACTIONS = [
  "ec2:AssignPrivateIpAddresses",
  "ec2:CreateNetworkInterface",
  "ec2:DeleteNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:UnassignPrivateIpAddresses",
];

/**
 * A function of the kit's: its bundle, a role that may write its own logs and nothing else, and a log group that is kept
 * for three months and goes with the function.
 */
export function createKitFunction(scope: Construct, id: string, props: KitFunctionProps): LambdaFunction {
  const { bundle, description, memorySize, timeout, environment, vpc, vpcSubnets, securityGroups } = props;
  const { encryptionKey } = props;
  const logGroup = createLogGroup(scope, `${id}Logs`, encryptionKey === undefined ? {} : { encryptionKey });
  const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
  logGroup.grantWrite(role);
  if (vpc !== undefined) {
    role.addToPolicy(new PolicyStatement({ actions: NETWORK_INTERFACE_ACTIONS, resources: ["*"] }));
    acknowledge(
      role,
      "AwsSolutions-IAM5[Resource::*]",
      "Lambda makes a function's network interfaces itself: they have no ARN beforehand.",
    );
  }
  return new LambdaFunction(scope, id, {
    description: description.slice(0, DESCRIPTION_LENGTH),
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    handler: "index.handler",
    code: functionCode(bundle),
    memorySize,
    timeout,
    environment: { ...environment },
    role,
    logGroup,
    ...(vpc === undefined ? {} : { vpc }),
    ...(vpcSubnets === undefined ? {} : { vpcSubnets }),
    ...(securityGroups === undefined ? {} : { securityGroups: [...securityGroups] }),
    ...(encryptionKey === undefined ? {} : { environmentEncryption: encryptionKey }),
  });
}
