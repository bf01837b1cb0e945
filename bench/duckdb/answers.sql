-- Answers in three-valued logic from conditions: true entitled, false not entitled, null cannot tell.
-- `person_from` and `couple_from` stand for a table of conditions, or for the view of them.
create or replace macro answers_of_people(source) as table
select subject, unit,
       since_2025 and alive and registered and nationality and born_from_2022 and under_three as "childcare-subsidy",
       alive and registered and certified as "complication-support",
       alive and registered and certificate and one_child_living and child_under_18 as "one-child-parent-award",
       alive and registered and rural and spouse_rural and born_from_1933 and births_confirmed and children and aged_60 as "rural-family-support",
       alive and registered and born_from_1933 and woman_49 and only_child and child_lost as "special-support-bereaved",
       alive and registered and born_from_1933 and woman_49 and only_child and child_living and child_disabled as "special-support-disabled-child",
       alive and registered and retired and cause and retired_by_now and certificate and only_child as "unemployed-retired"
from query_table(source);

create or replace macro answers_of_couples(source) as table
select subject, unit,
       married and both_alive and either_registered and both_unemployed and certificate and only_child and child_under_18 as "double-unemployed-couple"
from query_table(source);
