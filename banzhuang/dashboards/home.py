"""Parts of 首页 that follow from the figures: the report's own sentences, written from today's data."""

from banzhuang.core.mechanisms import MECHANISMS
from banzhuang.indicators.figures import compute
from banzhuang.reports.phrase import registry

from .overview import link


def sentences(view) -> list[dict]:
    """Each phrase with its values, and links to the rows behind them."""
    indicators = {ind.code: ind for phrase in registry for ind in phrase.figures.values()}
    figures = compute(indicators.values(), [view.day], view.user, view.within)
    return [
        {
            "text": phrase.write(figures, view.day),
            "mechanism": MECHANISMS[phrase.mechanism].title,
            "links": [
                {"label": f"{ind.label} {figures.value(ind, view.day)}", "url": link(ind, view)}
                for ind in phrase.figures.values()
            ],
        }
        for phrase in registry
    ]
