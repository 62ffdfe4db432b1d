"""Pay: amounts, bands and how one stands to the other."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from domain.core.messages import Value
from domain.core.plain_words import Plain

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), Plain("a currency by its three letters")]
Period = Literal["year", "month", "day", "hour"]
Amount = Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=2)]


class Pay(Value):
    """An amount of money for a period of work."""

    amount: Amount
    currency: Currency = Field(description="Three letters: USD, EUR.")
    period: Period = Field(default="year", title="Per")


class Band(Value):
    """What a job pays, from `minimum` to `maximum`."""

    minimum: Amount = Field(title="From")
    maximum: Amount = Field(title="Up to")
    currency: Currency = Field(description="Three letters: USD, EUR.")
    period: Period = Field(default="year", title="Per")

    def comparable(self, pay: Pay) -> bool:
        """Whether `pay` is told in the band's currency and period."""
        return (pay.currency, pay.period) == (self.currency, self.period)

    def below(self, pay: Pay) -> bool:
        """Whether `pay` lies above this band; pay told otherwise is never below it."""
        return not self.comparable(pay) or pay.amount > self.maximum
