"""What was found is kept, so that to ask again, as every batch and chunk does, takes no call of Python. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

REMEMBERED: Final = 100_000
"""So many answers a memory holds before it begins anew: an attacker's values must not fill the machine's."""

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Remembered(dict[Asked, Answer]):
    """Answers by what was asked; ``find`` gives those that are not there yet."""

    def __init__(self, find: Callable[[Asked], Answer]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, asked: Asked) -> Answer:
        if len(self) >= REMEMBERED:
            self.clear()
        answer = self[asked] = self._find(asked)
        return answer
