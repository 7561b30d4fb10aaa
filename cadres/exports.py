"""List pages whose rows can be exported as a ledger, with the filters of the page."""

from banzhuang.dashboards.scope import scope_words
from banzhuang.ledgers.listing import ListPage

from .views import secretary


def secretaries(asked):
    rows, choice = secretary.listed(asked)
    return rows, [*scope_words(asked), *choice.words]


LIST_PAGES = [ListPage("secretaries", "secretaries", secretaries)]
