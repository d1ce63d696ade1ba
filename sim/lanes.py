"""Four numbers side by side: what a rule does to one of them it does to all, for the price of one.

A processor adds, multiplies and compares four numbers as fast as one, if told so. Rules that count in words (`sim.rng`) need
not be written twice for that: given `Lanes` in place of a word, the same lines are compiled for four. LLVM breaks them up
where a processor is narrower; the numbers are the same.
"""

import operator
from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic, models, overload, register_model

WIDTH = 4
_BITS = {types.uint64: ir.IntType(64), types.float64: ir.DoubleType()}
_OPERATORS = {  # by what the numbers are
    types.uint64: {operator.add: "add", operator.mul: "mul", operator.xor: "xor", operator.or_: "or_", operator.lshift: "shl", operator.rshift: "lshr"},
    types.float64: {operator.add: "fadd", operator.sub: "fsub", operator.mul: "fmul"},
}


class Lanes(types.Type):
    """The type of four words, or of four floats."""

    def __init__(self, of: Any) -> None:
        self.of = of
        super().__init__(f"Lanes({of})")


WORDS, FLOATS = Lanes(types.uint64), Lanes(types.float64)
_LANES = {WORDS.of: WORDS, FLOATS.of: FLOATS}


@register_model(Lanes)
class _Register(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _vector(kind))


def _vector(kind: Any) -> Any:
    return ir.VectorType(_BITS[kind.of], WIDTH)


def _number(k: int) -> Any:
    return ir.Constant(ir.IntType(32), k)


def _join(_context, builder, signature, numbers):
    lanes = ir.Constant(_vector(signature.return_type), ir.Undefined)
    for k, number in enumerate(numbers):
        lanes = builder.insert_element(lanes, number, _number(k))
    return lanes


def _split(context, builder, signature, lanes):
    return context.make_tuple(builder, signature.return_type, [builder.extract_element(lanes[0], _number(k)) for k in range(WIDTH)])


def _everywhere(builder, kind, number):
    nothing = ir.Constant(_vector(kind), ir.Undefined)
    return builder.shuffle_vector(builder.insert_element(nothing, number, _number(0)), nothing, ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH))


def _read(context, builder, signature, arrays):
    first = builder.gep(context.make_array(signature.args[0])(context, builder, arrays[0]).data, [arrays[1]])
    return builder.load(builder.bitcast(first, _vector(signature.return_type).as_pointer()), align=1)


def _same_bits(_context, builder, signature, words):
    kind = signature.return_type
    return builder.bitcast(words[0], _vector(kind) if kind == FLOATS else _BITS[kind])


def _total(_context, builder, _signature, floats):
    a, b, c, d = (builder.extract_element(floats[0], _number(k)) for k in range(WIDTH))
    return builder.fadd(builder.fadd(a, c), builder.fadd(b, d))


def _where(builder, kind, floats, relation, number):
    """Return a bit for each lane, set where the relation to the number holds."""
    return builder.bitcast(builder.fcmp_ordered(relation, floats, _everywhere(builder, kind, number)), ir.IntType(WIDTH))


def _any_below(_context, builder, signature, given):
    below = _where(builder, signature.args[0], given[0], "<", given[1])
    return builder.icmp_unsigned("!=", below, ir.Constant(below.type, 0))


def _count_upto(_context, builder, signature, given):
    upto = _where(builder, signature.args[0], given[0], "<=", given[1])
    return builder.ctpop(builder.zext(upto, ir.IntType(64)))


def _lowest(context, builder, signature, floats):
    def lower(a, b):
        return builder.select(builder.fcmp_ordered("<", a, b), a, b)

    a, b, c, d = (builder.extract_element(floats[0], _number(k)) for k in range(WIDTH))
    least = _where(builder, signature.args[0], floats[0], "==", lower(lower(a, b), lower(c, d)))
    bits = builder.zext(least, ir.IntType(64))
    alone = builder.icmp_unsigned("==", builder.ctpop(bits), ir.Constant(ir.IntType(64), 1))
    return context.make_tuple(builder, signature.return_type, [builder.cttz(bits, ir.Constant(ir.IntType(1), 1)), alone])


def _four(_context, array, _first):
    if array.ndim != 1 or array.layout != "C" or array.dtype not in _LANES:
        raise TypeError(f"four numbers in one piece of {array}; must be of words or floats, with one axis")
    return _LANES[array.dtype](array, types.int64), _read


# In compiled code:
abreast: Any = intrinsic(lambda _context, a, _b, _c, _d: (_LANES[a](*[a] * WIDTH), _join))  # lanes from four numbers
four: Any = intrinsic(_four)  # lanes from the four numbers of an array that begin at an index (not checked)
apart: Any = intrinsic(lambda _context, lanes: (types.UniTuple(lanes.of, WIDTH)(lanes), _split))  # the four numbers of lanes
as_floats: Any = intrinsic(lambda _context, words: ((FLOATS if words == WORDS else types.float64)(words), _same_bits))  # with these bits, of one word too
total: Any = intrinsic(lambda _context, _floats: (types.float64(FLOATS), _total))
any_below: Any = intrinsic(lambda _context, floats, _number: (types.boolean(floats, types.float64), _any_below))
count_upto: Any = intrinsic(lambda _context, floats, _number: (types.uint64(floats, types.float64), _count_upto))  # how many are this number or below it
# which is the lowest (the first of equal ones), and whether no other is as low; none may be NaN
lowest: Any = intrinsic(lambda _context, _floats: (types.Tuple([types.int64, types.boolean])(FLOATS), _lowest))


def _define(symbol: Any) -> None:
    """Define an operator for lanes, and for lanes and a number, which then stands in every lane."""

    def kind_of(a: Any, b: Any) -> Any:
        return a if isinstance(a, Lanes) else b

    def emit(_context, builder, signature, numbers):
        kind = signature.return_type
        given = zip(signature.args, numbers, strict=True)
        return getattr(builder, _OPERATORS[kind.of][symbol])(*(number if own == kind else _everywhere(builder, kind, number) for own, number in given))

    def typed(_context, a, b):
        kind = kind_of(a, b)
        return kind(*(own if own == kind else kind.of for own in (a, b))), emit

    both: Any = intrinsic(typed)
    overload(symbol)(lambda a, b: (lambda a, b: both(a, b)) if isinstance(kind_of(a, b), Lanes) and symbol in _OPERATORS[kind_of(a, b).of] else None)


for _symbol in {symbol for known in _OPERATORS.values() for symbol in known}:
    _define(_symbol)
