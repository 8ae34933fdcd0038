import { Annotations, type CfnResource, Token } from "aws-cdk-lib";
import type { CfnBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import type { AnyBucket } from "./options.ts";
import { ownedResource } from "./owned-resource.ts";
import { renderedProperties } from "./rendered-properties.ts";

/** What the CDK makes to set a bucket's notifications: all of them, whatever the bucket's own resource says. */
const NOTIFICATIONS = "Custom::S3BucketNotifications";

/**
 * Has a bucket of the app send its events to EventBridge, and refuses, at synthesis, one that will not all the same. The
 * owner of an imported one must turn that on: a warning says so.
 */
export function sendBucketEvents(listener: Construct, bucket: AnyBucket): void {
  const resource = ownedResource(bucket);
  if (resource === undefined) {
    if (!notificationsOf(bucket).some(sendsEvents)) warnOfImported(listener, bucket);
    return;
  }
  if (notificationsOf(bucket).length > 0) bucket.enableEventBridgeNotification();
  else turnOn(resource as CfnBucket);
  listener.node.addValidation({
    validate() {
      const later = notificationsOf(bucket);
      if ((later.length > 0 ? later : [resource]).every(sendsEvents)) return [];
      return [
        `${bucket.node.path} does not send its events to EventBridge, since something else sets its notifications: batches that Lambda gives up would never be marked. Call its enableEventBridgeNotification().`,
      ];
    },
  });
}

/** By the resource itself: the CDK's own option has a function of its do it, with a policy for all buckets. */
function turnOn(resource: CfnBucket): void {
  const { notificationConfiguration } = resource;
  if (Token.isUnresolved(notificationConfiguration)) return;
  resource.notificationConfiguration = {
    ...notificationConfiguration,
    eventBridgeConfiguration: { eventBridgeEnabled: true },
  };
}

function warnOfImported(listener: Construct, bucket: AnyBucket): void {
  Annotations.of(listener).addWarningV2(
    "freshet:bucket-events",
    `${bucket.node.path} is imported: it must send its events to EventBridge (its properties, Amazon EventBridge: On), or batches that Lambda gives up are kept there and never marked. Where it does, Annotations.of(this).acknowledgeWarning("freshet:bucket-events") ends this warning.`,
  );
}

function notificationsOf(bucket: AnyBucket): readonly CfnResource[] {
  return bucket.node
    .findAll()
    .map(ownedResource)
    .filter((each) => each !== undefined)
    .filter(({ cfnResourceType }) => cfnResourceType === NOTIFICATIONS);
}

function sendsEvents(resource: CfnResource): boolean {
  const { NotificationConfiguration: notifications } = renderedProperties(resource) as {
    readonly NotificationConfiguration?: {
      readonly EventBridgeConfiguration?: { readonly EventBridgeEnabled?: unknown };
    };
  };
  const sent = notifications?.EventBridgeConfiguration;
  return sent !== undefined && sent.EventBridgeEnabled !== false;
}
