/** The messages of ONNX that hold a model, by the numbers of their fields (onnx.proto, IR version 3 to 13). */
export type Message =
  | "Model"
  | "Graph"
  | "Node"
  | "Attribute"
  | "Tensor"
  | "SparseTensor"
  | "ValueInfo"
  | "OperatorSet"
  | "Property"
  | "Function"
  | "Training"
  | "Quantization";

export interface Kind {
  readonly name: string;
  readonly of: Message | "int" | "float" | "double" | "bytes" | "name" | "text";
  /** Several: in their order, or each under the name that this field of it holds. */
  readonly many?: string;
}

const one = (name: string, of: Kind["of"]): Kind => ({ name, of });
const some = (name: string, of: Kind["of"], many = "list"): Kind => ({ name, of, many });
const properties = some("metadata_props", "Property", "key");
const about = one("doc_string", "text");

export const ONNX: Readonly<Record<Message, Readonly<Record<number, Kind>>>> = {
  Model: {
    1: one("ir_version", "int"),
    2: one("producer_name", "name"),
    3: one("producer_version", "name"),
    4: one("domain", "name"),
    5: one("model_version", "int"),
    6: about,
    7: one("graph", "Graph"),
    8: some("opset_import", "OperatorSet", "domain"),
    14: properties,
    20: some("training_info", "Training"),
    25: some("functions", "Function"),
  },
  Graph: {
    1: some("node", "Node"),
    2: one("name", "name"),
    5: some("initializer", "Tensor", "name"),
    10: about,
    11: some("input", "ValueInfo"),
    12: some("output", "ValueInfo"),
    13: some("value_info", "ValueInfo", "name"),
    14: some("quantization_annotation", "Quantization"),
    15: some("sparse_initializer", "SparseTensor"),
    16: properties,
  },
  Node: {
    1: some("input", "name"),
    2: some("output", "name"),
    3: one("name", "name"),
    4: one("op_type", "name"),
    5: some("attribute", "Attribute", "name"),
    6: about,
    7: one("domain", "name"),
    8: one("overload", "name"),
    9: properties,
  },
  Attribute: {
    1: one("name", "name"),
    2: one("f", "float"),
    3: one("i", "int"),
    4: one("s", "bytes"),
    5: one("t", "Tensor"),
    6: one("g", "Graph"),
    7: some("floats", "float"),
    8: some("ints", "int"),
    9: some("strings", "bytes"),
    10: some("tensors", "Tensor"),
    11: some("graphs", "Graph"),
    13: about,
    20: one("type", "int"),
    21: one("ref_attr_name", "name"),
    22: one("sparse_tensor", "SparseTensor"),
    23: some("sparse_tensors", "SparseTensor"),
  },
  // Values and shape are read apart: onnx-tensor.ts.
  Tensor: {
    6: some("string_data", "bytes"),
    8: one("name", "name"),
    12: about,
    13: some("external_data", "Property", "key"),
    14: one("data_location", "int"),
    16: properties,
  },
  SparseTensor: { 1: one("values", "Tensor"), 2: one("indices", "Tensor"), 3: some("dims", "int") },
  // The type in it is left as bytes: ValueInfo.type has no part that may vary.
  ValueInfo: { 1: one("name", "name"), 3: about, 4: properties },
  OperatorSet: { 1: one("domain", "name"), 2: one("version", "int") },
  Property: { 1: one("key", "name"), 2: one("value", "text") },
  Function: {
    1: one("name", "name"),
    4: some("input", "name"),
    5: some("output", "name"),
    6: some("attribute", "name"),
    7: some("node", "Node"),
    8: about,
    9: some("opset_import", "OperatorSet", "domain"),
    10: one("domain", "name"),
    11: some("attribute_proto", "Attribute", "name"),
    12: some("value_info", "ValueInfo", "name"),
    13: one("overload", "name"),
    14: properties,
  },
  Training: {
    1: one("initialization", "Graph"),
    2: one("algorithm", "Graph"),
    3: some("initialization_binding", "Property"),
    4: some("update_binding", "Property"),
  },
  Quantization: { 1: one("tensor_name", "name"), 2: some("quant_parameter_tensor_names", "Property", "key") },
};
