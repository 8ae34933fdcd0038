import { type CfnResource, Stack } from "aws-cdk-lib";

/** A resource's properties as its template will have them, overrides included. */
export function renderedProperties(resource: CfnResource): Readonly<Record<string, unknown>> {
  // By the CDK's own name for it: overrides are merged in there, and shown by nothing public.
  const { _toCloudFormation: render } = resource as unknown as { _toCloudFormation(): object };
  const { Resources } = Stack.of(resource).resolve(render.call(resource)) as {
    readonly Resources: Readonly<Record<string, { readonly Properties?: Readonly<Record<string, unknown>> }>>;
  };
  return Object.values(Resources)[0]?.Properties ?? {};
}
