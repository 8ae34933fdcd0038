import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBServiceException,
  ResourceInUseException,
  ResourceNotFoundException,
} from "@aws-sdk/client-dynamodb";
import { answerMetadata } from "../answer.ts";

const refused = () => answerMetadata(400);

/** The SDK has no class of its own for it, and makes its base class with that name. */
export const validationError = (message: string) =>
  new DynamoDBServiceException({
    name: "ValidationException",
    $fault: "client",
    message,
    $metadata: refused(),
  });

export function conditionFailed(item: Record<string, AttributeValue> | undefined) {
  return new ConditionalCheckFailedException({
    message: "The conditional request failed",
    $metadata: refused(),
    ...(item === undefined ? {} : { Item: item }),
  });
}

export const tableNotFound = () =>
  new ResourceNotFoundException({ message: "Requested resource not found", $metadata: refused() });

export const tableInUse = (table: string) =>
  new ResourceInUseException({ message: `Table already exists: ${table}`, $metadata: refused() });
