"""What a shard takes and gives in a second; held against it only when the server is told to."""

import time


class Bucket:
    """So many of something a second, and at most a second's worth at once."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._left = rate
        self._at = time.time()

    def has(self, number: float) -> bool:
        """Whether so many are left now."""
        now = time.time()
        self._left = min(self._rate, self._left + (now - self._at) * self._rate)
        self._at = now
        return self._left >= number

    def take(self, number: float) -> None:
        """They are used; what is not there has to be made good before any is left again."""
        self._left -= number


class Limits:
    """Of one shard."""

    def __init__(self) -> None:
        self._records_in, self._bytes_in = Bucket(1000), Bucket(2**20)
        self._calls_out, self._bytes_out = Bucket(5), Bucket(2 * 2**20)

    def put(self, size: int) -> bool:
        """Whether a record of so many bytes may come in; then it counts."""
        if not (self._records_in.has(1) and self._bytes_in.has(size)):
            return False
        self._records_in.take(1)
        self._bytes_in.take(size)
        return True

    def read(self) -> bool:
        """Whether a GetRecords is answered; then it counts."""
        if not (self._calls_out.has(1) and self._bytes_out.has(1)):
            return False
        self._calls_out.take(1)
        return True

    def gave(self, size: int) -> None:
        """What that GetRecords gave: 10 MiB take five seconds, in which no other is answered."""
        self._bytes_out.take(size)
