"""Functions that the bounded worker is made to call; a module of their own, because the child imports it."""


def itself(value: object) -> object:
    return value


def spin() -> None:
    """Python that never ends, and that catches every Exception."""
    while True:
        try:
            sum(range(1000))
        except Exception:  # noqa: BLE001, S112
            continue


def spin_stubbornly() -> None:
    """Python that does not let itself be stopped."""
    while True:
        try:
            spin()
        except BaseException:  # noqa: BLE001, S112
            continue


def hoard() -> int:
    return len(b"x" * (2**30))


def raise_payload_error() -> None:
    from wiredesk.errors import PayloadError
    from wiredesk.models import PayloadReason

    raise PayloadError(PayloadReason.MALFORMED, "broken off")


def raise_what_cannot_travel() -> None:
    class Local(Exception):
        pass

    raise Local("from afar")
