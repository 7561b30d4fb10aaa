from django.apps import AppConfig


class CadresConfig(AppConfig):
    name = "cadres"
    verbose_name = "干部"

    def ready(self):
        from banzhuang.core import parameters, setup
        from banzhuang.dashboards import panels as pages
        from banzhuang.duties import duty, merit
        from banzhuang.indicators import indicator
        from banzhuang.ledgers import ledger, listing
        from banzhuang.reports import phrase
        from banzhuang.reports import sheets as workbook

        from . import demo, duties, exports, indicators, ledgers, merits, panels, phrases, sheets
        from .parameters import PARAMETERS

        setup.registry.register(setup.Loader("cadres", demo=demo.load_demo))
        parameters.registry.register(*PARAMETERS)
        indicator.registry.register(*indicators.INDICATORS)
        duty.registry.register(*duties.RULES)
        merit.registry.register(*merits.MERITS)
        phrase.registry.register(*phrases.PHRASES)
        ledger.registry.register(*ledgers.LEDGERS)
        listing.registry.register(*exports.LIST_PAGES)
        workbook.registry.register(*sheets.SHEETS)
        pages.figures.register(*panels.FIGURES)
        pages.sections.register(*panels.SECTIONS)
        pages.head_facts.register(*panels.HEAD_FACTS)
        pages.navigation.register(*panels.NAVIGATION)
        pages.timelines.register(*panels.TIMELINES)
        pages.search_sources.register(*panels.SEARCH_SOURCES)
