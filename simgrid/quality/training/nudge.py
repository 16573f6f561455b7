"""Opens a network's inside: a feature map as an output, and an optional input that is added to its channels.

Grad-CAM needs the derivative of a score by the mean of each channel. With an input that is added to the
channels, and is zero where nobody gives it, onnxruntime answers by two evaluations; no torch is needed.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper, shape_inference

NUDGE, MAP = "nudge", "map"


def with_nudge(content: bytes, layer: int, channels: int) -> bytes:
    """The same network, whose ``layer``-th rectified map (from 1; so many channels) can be seen and moved.

    Raises:
        ValueError: where there are not so many rectified maps.
    """
    model = onnx.load_from_string(content)
    graph = model.graph
    rectified = [node for node in graph.node if node.op_type == "Relu"]
    if len(rectified) < layer:
        raise ValueError(f"the network has {len(rectified)} rectified maps: there is no number {layer}")
    moved = rectified[layer - 1]
    before = moved.output[0]
    moved.output[0] = MAP
    at = list(graph.node).index(moved)
    graph.node.insert(at + 1, helper.make_node("Add", [MAP, NUDGE], [before]))
    graph.initializer.append(numpy_helper.from_array(np.zeros((1, channels, 1, 1), np.float32), NUDGE))
    graph.input.append(helper.make_tensor_value_info(NUDGE, TensorProto.FLOAT, ["nudges", channels, 1, 1]))
    inferred = {one.name: one for one in shape_inference.infer_shapes(model).graph.value_info}
    sizes = [side.dim_value for side in inferred[MAP].type.tensor_type.shape.dim] if MAP in inferred else []
    rows, columns = sizes[2:] if len(sizes) == 4 else ("map_rows", "map_columns")
    graph.output.append(helper.make_tensor_value_info(MAP, TensorProto.FLOAT, ["n", channels, rows, columns]))
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))
