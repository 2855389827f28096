"""Dates and times as the shop's own pages write them: `28 Nov 2026 11:05:09`.

For the inspector, whose pages are Django's; theirs would be `Nov. 28, 2026, 11:05 a.m.`
"""

DATE_FORMAT = SHORT_DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i:s"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "j M Y H:i:s"
YEAR_MONTH_FORMAT = "F Y"
MONTH_DAY_FORMAT = "j F"
