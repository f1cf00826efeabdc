"""Trains the recogniser's weights: ``python -m agents.entities.training``; nothing that runs in a worker imports it.

It needs the dependency group ``ner`` (torch, onnx and the two packages that carry the encoder), and a folder of
annotated text. What it writes is described in ``agents/entities/recognition/weights/card.md``.
"""
