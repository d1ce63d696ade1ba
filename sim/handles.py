"""Many arrays behind one: rules are told where the arrays are, not handed each of them.

Numba hands an array on as seven values; with thirty arrays handed to every rule, that was nearly half of a cold compile.
So Python passes a handle, a list of (pointer, length), and compiled code reads ``t.spots`` there when it needs it.
"""

from functools import cache
from typing import Any, get_type_hints

import numpy as np
from llvmlite import ir
from numba import from_dtype
from numba.core import types
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, intrinsic, lower_getattr_generic, models, register_model
from numba.np.arrayobj import populate_array

Array = np.ndarray[Any, Any]
_WORD = ir.IntType(64)


@cache
def items(whole: Any) -> dict[str, Any]:
    """Return the dtype of an item of every array, as the named tuple's fields are annotated; for more axes than one it is a subarray's."""
    return {name: np.dtype(hint.__metadata__[0]) for name, hint in get_type_hints(whole, include_extras=True).items()}


def handle(arrays: Any) -> Array:
    """Return where the arrays of a named tuple are, (fields, 2) pointers and lengths; raise TypeError at one of another shape.

    A handle does not keep its arrays: whoever calls compiled code does, as long as that runs.
    """
    whole: Any = type(arrays)
    for array, (name, item) in zip(arrays, items(whole).items(), strict=True):
        if array.dtype != item.base or array.shape[1:] != item.shape or not array.flags.c_contiguous:
            raise TypeError(f"{name}: {array.dtype} {array.shape}; must be {item.base} (n, *{item.shape}), in one piece")
    return np.array([(array.ctypes.data, len(array)) for array in arrays], "i8")


class Arrays(types.Type):
    """The type of the arrays behind a handle."""

    def __init__(self, whole: type) -> None:
        self.items = items(whole)
        super().__init__(f"Arrays({whole.__module__}.{whole.__qualname__}: {self.items})")

    def field(self, name: str) -> Any:
        """Return the type of one of the arrays."""
        return types.Array(from_dtype(self.items[name].base), 1 + self.items[name].ndim, "C")


@register_model(Arrays)
class _Place(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _WORD.as_pointer())


@infer_getattr
class _Fields(AttributeTemplate):
    key = Arrays

    def generic_resolve(self, kind: Any, name: str) -> Any:  # type: ignore[override]  # Numba's own has NotImplemented for its type
        """Return the type of a field."""
        return kind.field(name) if name in kind.items else None


@lower_getattr_generic(Arrays)
def _array(context, builder, kind, place, name):
    def read(k):
        word = builder.load(builder.gep(place, [ir.Constant(_WORD, k)]))
        word.set_metadata("invariant.load", builder.module.add_metadata([]))  # a handle is never written to: arrays that move get a new one
        return word

    at, item = 2 * list(kind.items).index(name), kind.items[name]
    array = context.make_array(kind.field(name))(context, builder)
    sizes = [item.itemsize // int(np.prod(item.shape[:k])) for k in range(1 + item.ndim)]
    populate_array(
        array,
        data=builder.inttoptr(read(at), array.data.type),
        shape=[read(at + 1), *(ir.Constant(_WORD, n) for n in item.shape)],
        strides=[ir.Constant(_WORD, size) for size in sizes],
        itemsize=ir.Constant(_WORD, item.base.itemsize),
        meminfo=None,
    )
    return array._getvalue()


def behind(whole: type) -> Any:
    """Return what gives, in compiled code, the arrays of this named tuple behind a handle."""
    kind, list_ = Arrays(whole), types.Array(types.int64, 2, "C")

    def find(context, builder, _signature, handles):
        return context.make_array(list_)(context, builder, handles[0]).data

    return intrinsic(lambda _context, _handle: (kind(list_), find))
