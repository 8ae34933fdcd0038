import protobuf from "protobufjs/minimal.js";

// Field numbers of ModelProto and StringStringEntryProto (onnx.proto).
const MODEL_METADATA_PROPS = 14;
const ENTRY_KEY = 1;
const ENTRY_VALUE = 2;
const LENGTH_DELIMITED = 2;

/** An ONNX model's `metadata_props`, read from its bytes without decoding its graph; the runtime does not show them. */
export function onnxMetadata(bytes: Uint8Array): ReadonlyMap<string, string> {
  const metadata = new Map<string, string>();
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === MODEL_METADATA_PROPS && (tag & 7) === LENGTH_DELIMITED) {
      const [key, value] = readEntry(protobuf.Reader.create(reader.bytes()));
      metadata.set(key, value);
    } else {
      reader.skipType(tag & 7);
    }
  }
  return metadata;
}

function readEntry(reader: protobuf.Reader): readonly [key: string, value: string] {
  let key = "";
  let value = "";
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === ENTRY_KEY) key = reader.string();
    else if (tag >>> 3 === ENTRY_VALUE) value = reader.string();
    else reader.skipType(tag & 7);
  }
  return [key, value];
}
