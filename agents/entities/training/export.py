"""The tagger as one ONNX file of onnxruntime's own quantised operators: no framework's export in between.

Word embeddings keep the 4 bits of their source. Layers are int8, a scale for each column, and meet activations that
are quantised on the fly, one scale for all; norms, biases and the tagger itself stay float32. A few channels of the
activations are twenty times as large as the others, so part of each channel's size is moved into the weights first
(SmoothQuant, Xiao et al. 2023): the mean error of the scores falls from .102 to .041, for 2 % of the time.

Operators are chosen by their time in onnxruntime 1.31 on one thread: its ``SkipLayerNormalization`` takes more than
five times as long as ``Add`` and ``LayerNormalization``, its ``MultiHeadAttention`` a third longer than ONNX's own
``Attention``, its ``GatherBlockQuantized`` twice as long as looking up the two values of each byte. There is no mask:
the texts of a run have one length.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from agents.entities.training.data import LABELS
from agents.entities.training.encoder import BLOCK, Floats, Words
from agents.entities.training.model import depth

_RUNTIME = "com.microsoft"
_OPSET, _RUNTIME_OPSET, _IR = 23, 1, 11
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

    def linear(
        self,
        hidden: str,
        tensors: dict[str, Floats],
        name: str,
        *,
        before: Floats | None = None,
        after: Floats | None = None,
    ) -> str:
        """An int8 layer (float32 in an exact graph).

        before   what its input channels are divided by in the layer that makes them, instead of here
        after    what its outputs are divided by, at no cost, since they are scaled anyway
        """
        weights = tensors[f"{name}.w"]
        bias = tensors[f"{name}.b"] if after is None else tensors[f"{name}.b"] / after
        if self._exact:
            hidden = self.node("MatMul", [hidden, self.constant(f"{name}.w", weights.T)], f"{name}.z")
            return self.node("Add", [hidden, self.constant(f"{name}.b", bias)], f"{name}.y")
        if before is not None:
            weights = weights * before
        elif name in self._peaks:
            moved = smoothing(self._peaks[name], weights)
            hidden = self.node("Mul", [hidden, self.constant(f"{name}.moved", 1 / moved)], f"{name}.x")
            weights = weights * moved
        codes, scales = int8_columns(weights)
        inputs = [
            hidden,
            self.constant(f"{name}.codes", codes),
            self.constant(f"{name}.scales", scales if after is None else scales / after),
            self.constant(f"{name}.zeros", np.zeros(len(scales), np.int8)),
            self.constant(f"{name}.b", bias),
        ]
        return self.node("DynamicQuantizeMatMul", inputs, f"{name}.y", runtime=True)

    def moved(self, tensors: dict[str, Floats], name: str) -> Floats | None:
        """Returns what the input channels of a layer are divided by; None where it is quantised as it is."""
        if self._exact or name not in self._peaks:
            return None
        return smoothing(self._peaks[name], tensors[f"{name}.w"])


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

    Input ``input_ids``, int64, texts of one length by pieces; output ``logits``, float32, texts by pieces by
    labels.

    words    the embeddings of the pieces that are kept
    heads    of a layer that has all of them
    peaks    the largest activations by layer (see :func:`smoothing`); a layer without them is quantised as it is
    exact    leave the layers in float32, to measure what int8 costs
    """
    graph = _Graph(peaks, exact)
    width = words.codes.shape[1]
    hidden = _embedded(graph, tensors, words, epsilon)
    for layer in range(depth(tensors)):
        moved = graph.moved(tensors, f"{layer}.mix")
        # Attention only weighs the values, so that its outputs are divided where the values are made.
        own = tensors[f"{layer}.mix.w"].shape[1]
        after = None if moved is None else np.concatenate([np.ones(2 * own, np.float32), moved])
        qkv = graph.linear(hidden, tensors, f"{layer}.qkv", after=after)
        graph.constant(f"{layer}.sizes", np.array([own] * 3, np.int64))
        parts = graph.nodes_of(
            "Split", [qkv, f"{layer}.sizes"], [f"{layer}.{part}" for part in "qkv"], axis=2
        )
        left = own * heads // width
        mixed = graph.node("Attention", parts, f"{layer}.mixed", q_num_heads=left, kv_num_heads=left)
        made = graph.linear(mixed, tensors, f"{layer}.mix", before=moved)
        hidden = _added(graph, tensors, made, hidden, f"{layer}.norm1", epsilon)
        inner = graph.linear(hidden, tensors, f"{layer}.in")
        inner = graph.node("Gelu", [inner], f"{layer}.gelu", runtime=True)
        made = graph.linear(inner, tensors, f"{layer}.out")
        hidden = _added(graph, tensors, made, hidden, f"{layer}.norm2", epsilon)
    scores = graph.node("MatMul", [hidden, graph.constant("tag.w", tensors["tag.w"].T)], "scores")
    graph.node("Add", [scores, graph.constant("tag.b", tensors["tag.b"])], "logits")
    model = _model(graph, len(tensors["tag.b"]))
    onnx.checker.check_model(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    data = model.SerializeToString()
    path.write_bytes(data)
    return len(data)


def exported(path: Path) -> dict[str, Floats]:
    """Returns what :func:`export` wrote as tensors to train further: all but the word embeddings.

    Layers come back as they were rounded to int8; what was moved from the attention's outputs into its values stays
    there, which computes the same.

    Raises:
        FileNotFoundError: there is no such file
        ValueError: its layers are not in int8
    """
    held = {one.name: numpy_helper.to_array(one) for one in onnx.load(str(path)).graph.initializer}
    if "0.qkv.codes" not in held:
        raise ValueError(f"expected layers in int8, got none in {path}: was it written with --exact?")
    tensors: dict[str, Floats] = {"positions": held["positions.table"].astype(np.float32)}
    for name, array in held.items():
        layer, _, part = name.rpartition(".")
        if part == "codes" and layer != "words":
            moved = held.get(f"{layer}.moved", np.float32(1))
            tensors[f"{layer}.w"] = array.T.astype(np.float32) * held[f"{layer}.scales"][:, None] * moved
        elif part == "b" or layer.rpartition(".")[2].startswith("norm"):
            tensors[name] = array.astype(np.float32)
    # Nominals are fitted anew on whatever becomes of these.
    tensors["tag.w"] = held["tag.w"][:, : len(LABELS)].T.astype(np.float32)
    tensors["tag.b"] = tensors["tag.b"][: len(LABELS)]
    return tensors


def _embedded(graph: _Graph, tensors: dict[str, Floats], words: Words, epsilon: float) -> str:
    pieces, width = words.codes.shape
    codes = np.frombuffer(_packed(words.codes), np.uint8).reshape(pieces, width // 2)
    graph.constant("words.codes", codes)
    graph.constant("words.scales", words.scales)
    graph.constant("words.values", _pairs())
    graph.constant("words.blocks", np.array([0, 0, width // BLOCK, BLOCK], np.int64))
    graph.constant("words.whole", np.array([0, 0, width], np.int64))
    graph.constant("zero", np.array([0], np.int64))
    graph.constant("last", np.array([-1], np.int64))
    graph.constant("positions.table", tensors["positions"].astype(np.float16))
    looked = graph.node("Gather", ["words.codes", "input_ids"], "words.looked", axis=0)
    places = graph.node("Cast", [looked], "words.places", to=TensorProto.INT32)
    values = graph.node("Gather", ["words.values", places], "words.pairs", axis=0)
    values = graph.node("Reshape", [values, "words.blocks"], "words.steps")
    scales = graph.node("Gather", ["words.scales", "input_ids"], "words.half", axis=0)
    scales = graph.node("Cast", [scales], "words.float", to=TensorProto.FLOAT)
    scales = graph.node("Unsqueeze", [scales, "last"], "words.step")
    scaled = graph.node("Mul", [values, scales], "words.scaled")
    word = graph.node("Reshape", [scaled, "words.whole"], "words.exact")
    # Rounded as onnxruntime's own operator for such tables rounds them, with which the weights were measured.
    word = graph.node("Cast", [word], "words.rounded", to=TensorProto.FLOAT16)
    word = graph.node("Cast", [word], "words", to=TensorProto.FLOAT)
    length = graph.node("Shape", ["input_ids"], "length", start=1, end=2)
    place = graph.node("Slice", ["positions.table", "zero", length, "zero"], "positions.half")
    place = graph.node("Cast", [place], "positions", to=TensorProto.FLOAT)
    summed = graph.node("Add", [word, place], "embedded")
    weights = [graph.constant(name, tensors[name]) for name in ("norm.w", "norm.b")]
    return graph.node("LayerNormalization", [summed, *weights], "normed", axis=-1, epsilon=epsilon)


def _added(
    graph: _Graph, tensors: dict[str, Floats], made: str, hidden: str, norm: str, epsilon: float
) -> str:
    constants = [graph.constant(name, tensors[name]) for name in (f"{norm}.w", f"{norm}.b")]
    summed = graph.node("Add", [made, hidden], f"{norm}.x")
    return graph.node("LayerNormalization", [summed, *constants], f"{norm}.y", axis=-1, epsilon=epsilon)


def _packed(codes: npt.NDArray[np.int8]) -> bytes:
    """Returns int4 values two to a byte, the first in the low half."""
    flat = codes.reshape(-1).astype(np.uint8) & 15
    return bytes(flat[::2] | (flat[1::2] << 4))


def _pairs() -> Floats:
    """Returns the two int4 values of each byte, by byte: the way back from :func:`_packed`."""
    halves = np.arange(256)[:, None] >> np.array([0, 4]) & 15
    pairs: Floats = ((halves ^ 8) - 8).astype(np.float32)
    return pairs


def _model(graph: _Graph, labels: int) -> Any:
    shape = ["texts", "pieces"]
    inputs = [helper.make_tensor_value_info("input_ids", TensorProto.INT64, shape)]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [*shape, labels])]
    made = helper.make_graph(graph.nodes, "recognition", inputs, outputs, graph.constants)
    opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_RUNTIME, _RUNTIME_OPSET)]
    return helper.make_model(made, opset_imports=opsets, ir_version=_IR, producer_name="babelwire")
