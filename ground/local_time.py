"""Local time: what a wall clock at a place shows becomes one moment in UTC, and back into words. Daylight saving included."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ground import spelling

MINUTES_A_DAY = 24 * 60


def at(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The moment (UTC) at which clocks of `zone` show `minute` minutes after midnight of `day`.

    An hour that the clocks skip in spring is read by the clock of before it (02:30 is then 03:30); one that comes twice in
    autumn is its first. 1440 is the midnight that ends the day.
    """
    assert 0 <= minute <= MINUTES_A_DAY, "not a time of day"
    if minute == MINUTES_A_DAY:
        day, minute = day + timedelta(days=1), 0
    return datetime.combine(day, time(minute // 60, minute % 60), tzinfo=zone).astimezone(UTC)


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The date on the wall there."""
    return moment.astimezone(zone).date()


def monday_of(day: date) -> date:
    """The Monday that begins its week."""
    return day - timedelta(days=day.weekday())


def day_words(moment: datetime, zone: ZoneInfo) -> str:
    """`Saturday 28 November`."""
    return spelling.day(day_of(moment, zone), "weekday")


def short_words(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """`Thu 18:00` within six days of now, else `Thu 3 Dec 18:00`."""
    near = abs((day_of(moment, zone) - day_of(now, zone)).days) < 7
    return f"{spelling.day(day_of(moment, zone), 'name' if near else 'brief')} {clock_words(moment, zone)}"


def clock_words(moment: datetime, zone: ZoneInfo) -> str:
    """`18:00`."""
    return spelling.clock(moment.astimezone(zone).time())
