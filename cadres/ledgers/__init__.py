"""Ledgers of cadres: the roster of persons, and the register of village party secretaries."""

from .roster import CadresLedger
from .secretaries import SecretariesLedger

LEDGERS = [CadresLedger(), SecretariesLedger()]
