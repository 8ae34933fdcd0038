/**
 * Spares the user the AWS SDK's advance notice on Node 20, which the kit supports. A setting of the user's own stands.
 * Call it before the first client is made.
 */
export function withoutNodeVersionNotice(environment: NodeJS.ProcessEnv = process.env): void {
  environment.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
}
