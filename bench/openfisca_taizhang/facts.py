"""What is known of a person before any rule is asked: input arrays."""

import datetime

from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_taizhang.entities import Person


class Hukou(Enum):
    unknown = "Unknown"
    agricultural = "Agricultural"
    non_agricultural = "Non-agricultural"
    none = "No spouse"


class Nationality(Enum):
    unknown = "Unknown"
    CHN = "China"
    OTHER = "Other"


class CertificateStatus(Enum):
    unknown = "Unknown"
    valid = "Valid"
    withdrawn = "Withdrawn"
    none = "None"


def fact(name, value_type, **more):
    """A fact that does not change during the calculation. (OpenFisca reads a variable's attributes off its own class only.)"""
    usual = {"value_type": value_type, "entity": Person, "definition_period": DateUnit.ETERNITY, "label": name.replace("_", " ")}
    return type(name, (Variable,), {**usual, **more})


LONG_AGO = datetime.date(1900, 1, 1)

VARIABLES = [
    fact("birth_date", datetime.date, default_value=LONG_AGO),
    fact("alive", bool),
    fact("registered", bool),
    fact("births_confirmed", bool),
    fact("nationality", Enum, possible_values=Nationality, default_value=Nationality.unknown),
    fact("hukou_nature", Enum, possible_values=Hukou, default_value=Hukou.unknown),
    fact("spouse_hukou_nature", Enum, possible_values=Hukou, default_value=Hukou.unknown),
    fact("certificate_status", Enum, possible_values=CertificateStatus, default_value=CertificateStatus.unknown),
    fact("children_ever", int),
    # −1 when it is not known whether a child is living.
    fact("children_living", int),
    fact("girls_living", int),
    # Long ago when there is no child.
    fact("youngest_child_birth", datetime.date, default_value=LONG_AGO),
]
