from django.apps import AppConfig


class VillagesConfig(AppConfig):
    name = "villages"
    verbose_name = "村与组织"

    def ready(self):
        from banzhuang.core import places, setup
        from banzhuang.dashboards import panels as pages
        from banzhuang.ledgers import ledger, listing

        from . import demo, exports, ledgers, panels
        from .models import Township

        setup.registry.register(
            setup.Loader(
                "villages", base=demo.load_villages, demo=demo.load_demo, filled=Township.objects.exists
            )
        )
        places.provide(panels.PLACES)
        ledger.registry.register(*ledgers.LEDGERS)
        listing.registry.register(*exports.LIST_PAGES)
        pages.sections.register(*panels.SECTIONS)
        pages.head_facts.register(*panels.HEAD_FACTS)
        pages.search_sources.register(*panels.SEARCH_SOURCES)
