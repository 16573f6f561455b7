"""A torch network as ONNX whose bytes hold weights and graph and nothing of the machine that wrote them."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from torch import nn

OPSET = 18
_LEAST_FOR_HALF = 32  # smaller tensors (biases, shapes) are cheap and stay exact


def onnx_bytes(
    network: nn.Module,
    examples: Sequence[torch.Tensor],
    inputs: Sequence[str],
    outputs: Sequence[str],
    *,
    free: Sequence[int] = (0,),
    half: bool = True,
) -> bytes:
    """Export for onnxruntime; axes ``free`` of every input may have any length (0: the batch).

    ``half``: weights are stored as float16 and widened when the network is loaded; it still computes in
    float32, which is what every CPU does fast, and the file has half the size.
    """
    network = network.eval()
    dynamic = [dict.fromkeys(free, torch.export.Dim.DYNAMIC) for _ in examples]
    with _quiet():
        program = torch.onnx.export(
            network,
            tuple(examples),
            input_names=list(inputs),
            output_names=list(outputs),
            opset_version=OPSET,
            dynamo=True,
            optimize=True,
            dynamic_shapes=tuple(dynamic),
            verbose=False,
        )
    if program is None:
        raise RuntimeError("torch exported nothing")
    model = program.model_proto
    _strip(model)
    if half:
        _halve(model.graph)
    onnx.checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString(deterministic=True)
    return content


@contextmanager
def _quiet() -> Iterator[None]:
    """The exporter warns of its own internals and of packages that are not needed."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _strip(model: onnx.ModelProto) -> None:
    """No producer, no source lines, no folders: what is left is the graph."""
    model.producer_name = model.producer_version = model.doc_string = ""
    del model.metadata_props[:]
    graph = model.graph
    graph.doc_string, graph.name = "", "network"
    del graph.metadata_props[:]
    del graph.value_info[:]
    for node in graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    for value in (*graph.input, *graph.output):
        value.doc_string = ""
        del value.metadata_props[:]


def _halve(graph: onnx.GraphProto) -> None:
    """Every large float32 initialiser as float16 behind a Cast."""
    casts = []
    for tensor in graph.initializer:
        if tensor.data_type != onnx.TensorProto.FLOAT:
            continue
        values = numpy_helper.to_array(tensor)
        if values.size < _LEAST_FOR_HALF:
            continue
        wide = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{wide}_half"))
        casts.append(helper.make_node("Cast", [f"{wide}_half"], [wide], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
