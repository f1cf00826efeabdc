"""The tagger as one ONNX file of onnxruntime's own quantised operators: no framework's export in between.

Word embeddings keep the 4 bits of their source. Layers are int8, a scale for each column, and meet activations that
are quantised on the fly, one scale for all; norms, biases and the tagger itself stay float32. A few channels of the
activations are twenty times as large as the others, so part of each channel's size is moved into the weights first
(SmoothQuant, Xiao et al. 2023): the mean error of the scores falls from .102 to .041, for 2 % of the time.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from agents.entities.training.encoder import BLOCK, Floats, Words
from agents.entities.training.model import depth

_RUNTIME = "com.microsoft"
_OPSET, _RUNTIME_OPSET, _IR = 21, 1, 10
_INT8 = 127
SHARE = 0.65
"""Of a channel's size that is moved into the weights; .5 and .8 leave more error."""


class _Graph:
    """Nodes and constants of the graph as it grows."""

    def __init__(self, peaks: dict[str, Floats], exact: bool) -> None:
        self._peaks = peaks
        self._exact = exact
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, name: str, value: npt.NDArray[Any]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(
        self, kind: str, inputs: list[str], output: str, *, runtime: bool = False, **attributes: Any
    ) -> str:
        return self.nodes_of(kind, inputs, [output], runtime=runtime, **attributes)[0]

    def nodes_of(
        self, kind: str, inputs: list[str], outputs: list[str], *, runtime: bool = False, **attributes: Any
    ) -> list[str]:
        domain = _RUNTIME if runtime else ""
        self.nodes.append(helper.make_node(kind, inputs, outputs, outputs[0], domain=domain, **attributes))
        return outputs

    def linear(self, hidden: str, tensors: dict[str, Floats], name: str, *, bias: bool = True) -> str:
        """An int8 layer (float32 in an exact graph); without ``bias`` the caller adds it."""
        weights = tensors[f"{name}.w"]
        if self._exact:
            hidden = self.node("MatMul", [hidden, self.constant(f"{name}.w", weights.T)], f"{name}.z")
            if not bias:
                return hidden
            return self.node("Add", [hidden, self.constant(f"{name}.b", tensors[f"{name}.b"])], f"{name}.y")
        if name in self._peaks:
            moved = smoothing(self._peaks[name], weights)
            hidden = self.node("Mul", [hidden, self.constant(f"{name}.moved", 1 / moved)], f"{name}.x")
            weights = weights * moved
        codes, scales = int8_columns(weights)
        inputs = [
            hidden,
            self.constant(f"{name}.codes", codes),
            self.constant(f"{name}.scales", scales),
            self.constant(f"{name}.zeros", np.zeros(len(scales), np.int8)),
        ]
        if bias:
            inputs.append(self.constant(f"{name}.b", tensors[f"{name}.b"]))
        return self.node("DynamicQuantizeMatMul", inputs, f"{name}.y", runtime=True)


def int8_columns(weights: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """Returns the weights of a layer (outputs by inputs) as int8, inputs by outputs, and the scale of each output."""
    scales = np.maximum(np.abs(weights).max(axis=1), 1e-8) / _INT8
    codes = np.clip(np.rint(weights / scales[:, None]), -_INT8, _INT8).astype(np.int8)
    return np.ascontiguousarray(codes.T), scales.astype(np.float32)


def smoothing(peaks: Floats, weights: Floats) -> Floats:
    """Returns what each input channel is divided by and its weights are multiplied by; the geometric mean is 1."""
    logs = SHARE * np.log(np.maximum(peaks, 1e-5))
    logs -= (1 - SHARE) * np.log(np.maximum(np.abs(weights).max(axis=0), 1e-5))
    moved: Floats = np.exp(logs - logs.mean()).astype(np.float32)
    return moved


def export(
    tensors: dict[str, Floats],
    words: Words,
    peaks: dict[str, Floats],
    path: Path,
    *,
    heads: int,
    epsilon: float,
    exact: bool = False,
) -> int:
    """Writes the model and returns its size in bytes.

    Inputs ``input_ids`` and ``attention_mask``, int64, texts by pieces; output ``logits``, float32, texts by pieces
    by labels.

    words    the embeddings of the pieces that are kept
    peaks    the largest activations by layer (see :func:`smoothing`); a layer without them is quantised as it is
    exact    leave the layers in float32, to measure what int8 costs
    """
    graph = _Graph(peaks, exact)
    width = words.codes.shape[1]
    hidden = _embedded(graph, tensors, words, epsilon)
    mask = graph.node("Cast", ["attention_mask"], "mask", to=TensorProto.INT32)
    for layer in range(depth(tensors)):
        qkv = graph.linear(hidden, tensors, f"{layer}.qkv")
        graph.constant(f"{layer}.sizes", np.array([width] * 3, np.int64))
        parts = graph.nodes_of(
            "Split", [qkv, f"{layer}.sizes"], [f"{layer}.{part}" for part in "qkv"], axis=2
        )
        mixed = graph.node(
            "MultiHeadAttention", [*parts, "", mask], f"{layer}.mixed", runtime=True, num_heads=heads
        )
        hidden = _added(graph, tensors, mixed, hidden, f"{layer}.mix", f"{layer}.norm1", epsilon)
        inner = graph.linear(hidden, tensors, f"{layer}.in")
        inner = graph.node("Gelu", [inner], f"{layer}.gelu", runtime=True)
        hidden = _added(graph, tensors, inner, hidden, f"{layer}.out", f"{layer}.norm2", epsilon)
    scores = graph.node("MatMul", [hidden, graph.constant("tag.w", tensors["tag.w"].T)], "scores")
    graph.node("Add", [scores, graph.constant("tag.b", tensors["tag.b"])], "logits")
    model = _model(graph, len(tensors["tag.b"]))
    onnx.checker.check_model(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    data = model.SerializeToString()
    path.write_bytes(data)
    return len(data)


def _embedded(graph: _Graph, tensors: dict[str, Floats], words: Words, epsilon: float) -> str:
    packed = helper.make_tensor(
        "words.codes", TensorProto.INT4, words.codes.shape, _packed(words.codes), raw=True
    )
    graph.constants.append(packed)
    graph.constant("words.scales", words.scales)
    graph.constant("zero", np.array([0], np.int64))
    graph.constant("positions.table", tensors["positions"].astype(np.float16))
    looked = graph.node(
        "GatherBlockQuantized", ["words.codes", "input_ids", "words.scales"], "words.half",
        runtime=True, block_size=BLOCK, gather_axis=0, quantize_axis=1,
    )  # fmt: skip
    word = graph.node("Cast", [looked], "words", to=TensorProto.FLOAT)
    length = graph.node("Shape", ["input_ids"], "length", start=1, end=2)
    place = graph.node("Slice", ["positions.table", "zero", length, "zero"], "positions.half")
    place = graph.node("Cast", [place], "positions", to=TensorProto.FLOAT)
    summed = graph.node("Add", [word, place], "embedded")
    weights = [graph.constant(name, tensors[name]) for name in ("norm.w", "norm.b")]
    return graph.node("LayerNormalization", [summed, *weights], "normed", axis=-1, epsilon=epsilon)


def _added(
    graph: _Graph, tensors: dict[str, Floats], inner: str, hidden: str, layer: str, norm: str, epsilon: float
) -> str:
    made = graph.linear(inner, tensors, layer, bias=False)
    constants = [graph.constant(name, tensors[name]) for name in (f"{norm}.w", f"{norm}.b", f"{layer}.b")]
    return graph.node(
        "SkipLayerNormalization", [made, hidden, *constants], f"{norm}.y", runtime=True, epsilon=epsilon
    )


def _packed(codes: npt.NDArray[np.int8]) -> bytes:
    """Returns int4 values two to a byte, the first in the low half."""
    flat = codes.reshape(-1).astype(np.uint8) & 15
    return bytes(flat[::2] | (flat[1::2] << 4))


def _model(graph: _Graph, labels: int) -> Any:
    shape = ["texts", "pieces"]
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, shape)
        for name in ("input_ids", "attention_mask")
    ]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [*shape, labels])]
    made = helper.make_graph(graph.nodes, "recognition", inputs, outputs, graph.constants)
    opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_RUNTIME, _RUNTIME_OPSET)]
    return helper.make_model(made, opset_imports=opsets, ir_version=_IR, producer_name="babelwire")
