"""A LightGBM binary classifier as ONNX: the trees as a TreeEnsembleRegressor, then a Sigmoid.

A classifier's own operator answers labels and a second column, which a server has no use for.
"""

import json

import lightgbm
import numpy
from onnx import TensorProto, checker, helper

INPUT = "features"
OUTPUT = "probability"


def to_onnx(booster: lightgbm.Booster, trees: int, names: list[str]) -> bytes:
    """The first `trees` trees as a model from float [N, names] to float [N, 1]; the names go along as metadata."""
    attributes = _tree_attributes(booster.dump_model(num_iteration=trees))
    nodes = [
        helper.make_node(
            "TreeEnsembleRegressor", [INPUT], ["log_odds"], domain="ai.onnx.ml", n_targets=1, **attributes
        ),
        helper.make_node("Sigmoid", ["log_odds"], [OUTPUT]),
    ]
    graph = helper.make_graph(
        nodes,
        "late",
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["N", len(names)])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["N", 1])],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="")
    helper.set_model_props(model, {"feature_names": json.dumps(names)})
    checker.check_model(model)
    return model.SerializeToString()


def _tree_attributes(dump: dict) -> dict:
    attributes = {
        "nodes_treeids": [],
        "nodes_nodeids": [],
        "nodes_featureids": [],
        "nodes_values": [],
        "nodes_modes": [],
        "nodes_truenodeids": [],
        "nodes_falsenodeids": [],
        "nodes_missing_value_tracks_true": [],
        "target_treeids": [],
        "target_nodeids": [],
        "target_ids": [],
        "target_weights": [],
    }
    for tree in dump["tree_info"]:
        _add_node(attributes, tree["tree_index"], tree["tree_structure"], 0)
    return attributes


def _add_node(attributes: dict, tree: int, node: dict, number: int) -> int:
    """Adds a node and those below it, in pre-order; answers the next free number."""
    leaf = "leaf_value" in node
    if not leaf and node["decision_type"] != "<=":
        raise ValueError(f"a split by {node['decision_type']} has no rule here")
    at = len(attributes["nodes_treeids"])
    attributes["nodes_treeids"].append(tree)
    attributes["nodes_nodeids"].append(number)
    attributes["nodes_featureids"].append(0 if leaf else node["split_feature"])
    attributes["nodes_values"].append(0.0 if leaf else _float_at_or_below(node["threshold"]))
    attributes["nodes_modes"].append("LEAF" if leaf else "BRANCH_LEQ")
    attributes["nodes_truenodeids"].append(0)
    attributes["nodes_falsenodeids"].append(0)
    attributes["nodes_missing_value_tracks_true"].append(0 if leaf else int(_missing_goes_left(node)))
    if leaf:
        attributes["target_treeids"].append(tree)
        attributes["target_nodeids"].append(number)
        attributes["target_ids"].append(0)
        attributes["target_weights"].append(node["leaf_value"])
        return number + 1
    attributes["nodes_truenodeids"][at] = number + 1
    right = _add_node(attributes, tree, node["left_child"], number + 1)
    attributes["nodes_falsenodeids"][at] = right
    return _add_node(attributes, tree, node["right_child"], right)


def _missing_goes_left(node: dict) -> bool:
    """LightGBM takes a NaN that its training data did not have as 0."""
    if node["missing_type"] == "None":
        return 0.0 <= node["threshold"]
    if node["missing_type"] == "NaN":
        return node["default_left"]
    raise ValueError(f"missing values of type {node['missing_type']} have no rule here")


def _float_at_or_below(threshold: float) -> float:
    """The largest float32 at or below a double: for a float32 x, x <= it exactly when x <= the threshold."""
    # LightGBM parts missing from all others by the largest double, which rounds to infinity.
    with numpy.errstate(over="ignore"):
        rounded = numpy.float32(threshold)
    if float(rounded) > threshold:
        rounded = numpy.nextafter(rounded, numpy.float32("-inf"))
    return float(rounded)
