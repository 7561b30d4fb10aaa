from .organisation import Organisation, OrganisationYear
from .township import Area, Township
from .village import Village, VillageYear

__all__ = ["Area", "Organisation", "OrganisationYear", "Township", "Village", "VillageYear"]
