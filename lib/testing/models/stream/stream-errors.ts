import {
  ExpiredIteratorException,
  ExpiredNextTokenException,
  InvalidArgumentException,
  ResourceInUseException,
  ResourceNotFoundException,
  ValidationException,
} from "@aws-sdk/client-kinesis";
import { answerMetadata } from "../answer.ts";

const options = (message: string) => ({ message, $metadata: answerMetadata(400) });

export const validationError = (message: string) => new ValidationException(options(message));
export const invalidArgument = (message: string) => new InvalidArgumentException(options(message));
export const notFound = (what: string) => new ResourceNotFoundException(options(`${what} not found.`));
export const inUse = (stream: string) =>
  new ResourceInUseException(options(`Stream ${stream} already exists.`));
export const expiredIterator = () =>
  new ExpiredIteratorException(options("Iterator expired: it was issued more than 300000 milliseconds ago."));
export const expiredToken = () =>
  new ExpiredNextTokenException(
    options("NextToken expired: it was issued more than 300000 milliseconds ago."),
  );
