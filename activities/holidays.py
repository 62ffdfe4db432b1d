"""Public holidays of a further year, looked up when somebody's calendar needs them, and given to their entity."""

from __future__ import annotations

from datetime import date

from temporalio.exceptions import ApplicationError

from activities.entities import EntityActivities
from activities.registry import carries
from domain.entity.effects import EntityMessage, RenewHolidays
from domain.person.holidays import LearnHolidays
from store.holiday_calendars import holidays_of
from workflows.contract import EffectOrder, EffectResult


class HolidayActivities:
    """The activity `renew_holidays`."""

    def __init__(self, entities: EntityActivities) -> None:
        self._entities = entities

    @carries(RenewHolidays)
    async def renew_holidays(self, order: EffectOrder, effect: RenewHolidays) -> EffectResult:
        """Looks the year up and tells it; one that is not on file in this build is a task for a person."""
        try:
            days = holidays_of(effect.country, effect.subdivision, [effect.year])
        except ValueError:
            raise ApplicationError("no holidays on file", type="no_holidays_on_file", non_retryable=True) from None
        learnt = LearnHolidays(
            after=date(effect.year - 1, 12, 31), until=date(effect.year, 12, 31), days=tuple(sorted(days))
        )
        letter = EntityMessage(stream=order.stream, command=LearnHolidays.name, payload=learnt.model_dump(mode="json"))
        return EffectResult(note=f"{effect.year}: {await self._entities.deliver(order, letter)}")
