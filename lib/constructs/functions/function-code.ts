import { AssetHashType, DockerImage } from "aws-cdk-lib";
import { Code } from "aws-cdk-lib/aws-lambda";
import { bundleFunction, type FunctionToBundle } from "../../bundle/bundle-function.ts";
import { functionFolder } from "../../bundle/function-build.ts";

/** A function's bundle as an asset, by its content. It is built in this process when the stack is synthesised. */
export function functionCode(bundle: FunctionToBundle): Code {
  const { name, definitionsFile, modelFiles } = bundle;
  return Code.fromAsset(functionFolder(name), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Never pulled, for the local bundling does not decline.
      image: DockerImage.fromRegistry("freshet.invalid/no-container-is-used"),
      // Tells this asset from those of the same function with other definitions: the CDK keeps assets by what it can print.
      command: [name, definitionsFile ?? "", ...modelFiles],
      local: {
        tryBundle(outputFolder) {
          bundleFunction(bundle, outputFolder);
          return true;
        },
      },
    },
  });
}
