"""Ask memory for a record before it is needed, so that nobody waits for it: a hint, which changes no result."""

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

LINE = 64  # bytes that memory hands over at a time
_TO_WRITE, _TO_KEEP, _DATA = 1, 3, 1


def _call_for(context, builder, signature, arguments):
    kind = signature.args[0]
    records, index = context.make_array(kind)(context, builder, arguments[0]), arguments[1]
    byte = ir.IntType(8).as_pointer()
    start = builder.bitcast(records.data, byte)
    place = builder.mul(index, ir.Constant(ir.IntType(64), kind.dtype.size))
    number = ir.IntType(32)
    fetch = builder.module.declare_intrinsic("llvm.prefetch", [byte], ir.FunctionType(ir.VoidType(), [byte, number, number, number]))
    for line in range(0, kind.dtype.size, LINE):
        at = builder.gep(start, [builder.add(place, ir.Constant(ir.IntType(64), line))])
        builder.call(fetch, [at, *(ir.Constant(number, hint) for hint in (_TO_WRITE, _TO_KEEP, _DATA))])
    return context.get_dummy_value()


# In compiled code: call for the record of an array that has this index (int64, not checked).
call_for: Any = intrinsic(lambda _context, records, _index: (types.none(records, types.int64), _call_for))
