"""Errors as Confluent's REST proxy words them: `{"error_code": ..., "message": ...}`."""

# Of one record of a batch: whether another attempt may succeed.
RECORD_REFUSED = 50002
RECORD_MAY_PASS = 50003


class Problem(Exception):
    """An answer other than 200. `code` is the status, or the status and two more digits."""

    def __init__(self, status: int, message: str, code: int | None = None, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = status if code is None else code
        self.message = message
        self.retry_after = retry_after  # seconds


def topic_not_found() -> Problem:
    return Problem(404, "Topic not found.", 40401)


def partition_not_found() -> Problem:
    return Problem(404, "Partition not found.", 40402)


def unprocessable(message: str) -> Problem:
    return Problem(422, message)


def kafka_unreachable(reason: str) -> Problem:
    return Problem(503, f"Kafka does not answer: {reason}", 50301, retry_after=2)


def overloaded() -> Problem:
    return Problem(503, "Kafka takes records more slowly than they come: try again later.", 50302, retry_after=2)
