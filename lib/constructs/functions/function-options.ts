import type { FunctionOptions } from "../options.ts";

/** Of a construct's props, those that its functions share. */
export function functionOptions(props: FunctionOptions): FunctionOptions {
  const { vpc, vpcSubnets, securityGroups, encryptionKey } = props;
  return {
    ...(vpc === undefined ? {} : { vpc }),
    ...(vpcSubnets === undefined ? {} : { vpcSubnets }),
    ...(securityGroups === undefined ? {} : { securityGroups }),
    ...(encryptionKey === undefined ? {} : { encryptionKey }),
  };
}
