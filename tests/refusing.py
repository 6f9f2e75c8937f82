"""What the hall must refuse, by its promised code and with a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jiaohao.queue.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable


def refused(code: str, work: Callable[..., object], *args: object, **kwargs: object) -> None:
    """An operation is refused with this code."""
    with pytest.raises(Refusal) as caught:
        work(*args, **kwargs)
    assert caught.value.code == code
    assert caught.value.message
