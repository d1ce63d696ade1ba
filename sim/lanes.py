"""Four 64-bit words side by side: what a rule does to one of them it does to all, for the price of one.

A processor adds, multiplies and rotates four words as fast as one, if told so. Rules that count in words (`sim.rng`) need
not be written twice for that: given `Lanes` in place of a word, the same lines are compiled for four. LLVM breaks them up
where a processor is narrower; the words are the same.
"""

import operator
from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic, models, overload, register_model

WIDTH = 4
_VECTOR = ir.VectorType(ir.IntType(64), WIDTH)
_ANY = ir.Constant(_VECTOR, ir.Undefined)


class Lanes(types.Type):
    """The type of four words."""

    def __init__(self) -> None:
        super().__init__("Lanes")


LANES, WORD = Lanes(), types.uint64


@register_model(Lanes)
class _Register(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _VECTOR)


def _number(k: int) -> Any:
    return ir.Constant(ir.IntType(32), k)


def _join(_context, builder, _signature, words):
    lanes = _ANY
    for k, word in enumerate(words):
        lanes = builder.insert_element(lanes, word, _number(k))
    return lanes


def _split(context, builder, signature, words):
    return context.make_tuple(builder, signature.return_type, [builder.extract_element(words[0], _number(k)) for k in range(WIDTH)])


def _everywhere(builder, word):
    first = builder.insert_element(_ANY, word, _number(0))
    return builder.shuffle_vector(first, _ANY, ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH))


# In compiled code: lanes from four words, and the four words of lanes.
abreast: Any = intrinsic(lambda _context, _a, _b, _c, _d: (LANES(*[WORD] * WIDTH), _join))
apart: Any = intrinsic(lambda _context, _lanes: (types.UniTuple(WORD, WIDTH)(LANES), _split))


def _define(symbol: Any, instruction: str) -> None:
    """Define an operator for lanes, and for lanes and a word, which then stands in every lane."""

    def emit(_context, builder, signature, words):
        given = zip(signature.args, words, strict=True)
        return getattr(builder, instruction)(*(word if kind == LANES else _everywhere(builder, word) for kind, word in given))

    both: Any = intrinsic(lambda _context, a, b: (LANES(*(kind if kind == LANES else WORD for kind in (a, b))), emit))
    overload(symbol)(lambda a, b: (lambda a, b: both(a, b)) if LANES in {a, b} else None)


for _symbol, _instruction in {
    operator.add: "add", operator.mul: "mul", operator.xor: "xor", operator.or_: "or_", operator.lshift: "shl", operator.rshift: "lshr",
}.items():  # fmt: skip
    _define(_symbol, _instruction)
