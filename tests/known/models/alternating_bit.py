"""The alternating bit protocol over channels that hold one message and may lose it."""

from checker.language import Range, action, always_possible, state, step_invariant, when


@state
class Link:
    sender: bool
    receiver: bool
    sent: Range(0, 2)  # type: ignore[valid-type]
    received: Range(0, 2)  # type: ignore[valid-type]
    message: tuple[bool, Range(0, 2)] | None  # type: ignore[valid-type]
    answer: bool | None


@action
def send(k: Link) -> None:
    when(k.message is None)
    k.message = (k.sender, k.sent)


@action
def lose(k: Link, message: bool) -> None:
    if message:
        when(k.message is not None)
        k.message = None
    else:
        when(k.answer is not None)
        k.answer = None


@action
def receive(k: Link) -> None:
    when(k.message is not None)
    bit, data = k.message
    k.message = None
    if bit == k.receiver:
        k.received = data
        k.receiver = not k.receiver


@action
def answer(k: Link) -> None:
    when(k.answer is None)
    k.answer = not k.receiver


@action
def hear(k: Link) -> None:
    when(k.answer is not None)
    if k.answer == k.sender:
        k.sender = not k.sender
        k.sent = (k.sent + 1) % 3
    k.answer = None


@step_invariant
def in_order(before: Link, after: Link) -> bool:
    return after.received in (before.received, (before.received + 1) % 3)


@always_possible
def goes_on(k: Link) -> bool:
    return k.sent == 2
