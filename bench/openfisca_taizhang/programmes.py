"""The three programmes, as vectors over everyone at once."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_taizhang.entities import Person
from openfisca_taizhang.facts import CertificateStatus, Hukou, Nationality


def full_years(birth, period):
    """Age in full years, as the OpenFisca country template computes it."""
    start = period.start
    years = birth.astype("datetime64[Y]").astype(int) + 1970
    months = birth.astype("datetime64[M]").astype(int) % 12 + 1
    days = (birth - birth.astype("datetime64[M]") + 1).astype(int)
    past = (months < start.month) | ((months == start.month) & (days <= start.day))
    return start.year - years - 1 + past


class age(Variable):
    value_type = int
    entity = Person
    definition_period = DateUnit.DAY
    label = "Age in full years"

    def formula(person, period):
        return full_years(person("birth_date", period), period)


class youngest_child_age(Variable):
    value_type = int
    entity = Person
    definition_period = DateUnit.DAY
    label = "Youngest child's age in full years"

    def formula(person, period):
        return full_years(person("youngest_child_birth", period), period)


class childcare_subsidy(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.DAY
    label = "Childcare subsidy"

    def formula(person, period, parameters):
        return (
            person("alive", period)
            & person("registered", period)
            & (person("nationality", period) == Nationality.CHN)
            & (person("birth_date", period) >= numpy.datetime64("2022-01-01"))
            & (person("age", period) < parameters(period).childcare_subsidy.until_age)
        )


class one_child_parent_award(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.DAY
    label = "One-child parents' award"

    def formula(person, period, parameters):
        return (
            person("alive", period)
            & person("registered", period)
            & (person("certificate_status", period) == CertificateStatus.valid)
            & (person("children_ever", period) == 1)
            & (person("children_living", period) == 1)
            & (person("youngest_child_age", period) < parameters(period).one_child_parent_award.until_age)
        )


class rural_family_support(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.DAY
    label = "Rural family support"

    def formula(person, period, parameters):
        spouse = person("spouse_hukou_nature", period)
        living = person("children_living", period)
        two_girls = (living == 2) & (person("girls_living", period) == 2)
        return (
            person("alive", period)
            & person("registered", period)
            & (person("hukou_nature", period) == Hukou.agricultural)
            & ((spouse == Hukou.agricultural) | (spouse == Hukou.none))
            & (person("birth_date", period) >= numpy.datetime64("1933-01-01"))
            & person("births_confirmed", period)
            & (person("children_ever", period) > 0)
            & ((living == 1) | (living == 0) | two_girls)
            & (person("age", period) >= parameters(period).rural_family_support.age)
        )


VARIABLES = [age, youngest_child_age, childcare_subsidy, one_child_parent_award, rural_family_support]
