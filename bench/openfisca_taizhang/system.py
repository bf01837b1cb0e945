"""The tax-benefit system: entity, variables, parameters."""

import pathlib

from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_taizhang import entities, facts, programmes

FOLDER = pathlib.Path(__file__).parent


class CountryTaxBenefitSystem(TaxBenefitSystem):
    """The rules both systems can express."""

    def __init__(self):
        super().__init__([entities.Person, entities.Household])
        self.add_variables(*facts.VARIABLES, *programmes.VARIABLES)
        self.load_parameters(str(FOLDER / "parameters"))
