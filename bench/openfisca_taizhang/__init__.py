"""Three of the programmes as an OpenFisca country package: those whose rules are about one person's facts.

OpenFisca has no third answer, so a missing fact counts as "condition not met": what is compared is who is entitled.
Facts about relatives (children, spouse, certificates) come in as arrays, ready made; only the rules are left to compute.
"""

from openfisca_taizhang.system import CountryTaxBenefitSystem

__all__ = ["CountryTaxBenefitSystem"]
