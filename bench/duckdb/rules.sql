-- The eight programmes of packs/national, written by hand for DuckDB. Views are inlined, so each query below is one plan.
-- Ages become comparisons of birth dates with a constant; every fact is gathered once; `:on` is the date.

create or replace view person_facts as
with spouses as (
  select subject, max(p.birth_date) as spouse_birth_date, max(p.hukou_nature) as spouse_hukou_nature
  from (
    select person as subject, relative as spouse from kinship where relation = 'spouse'
    union all
    select relative as subject, person as spouse from kinship where relation = 'spouse'
  ) s
  join person p on p.id = s.spouse
  where not exists (select 1 from death d where d.person = s.spouse)
  group by subject
),
certificates as (
  select subject,
         case when bool_or(status = 'valid') then 'valid' when count(status) = count(*) then 'withdrawn' end as certificate_status
  from (
    select father as subject, status from certificate where father is not null
    union all
    select mother, status from certificate where mother is not null
  )
  group by subject
)
select p.id as subject, p.unit, p.sex, p.birth_date, p.nationality, p.hukou_nature,
       d.person is null as alive,
       case when h.subject is null then false else h.registered end as registered,
       s.spouse_birth_date,
       case when s.subject is null then 'none' else s.spouse_hukou_nature end as spouse_hukou_nature,
       case when p.sex = '2' then p.birth_date else coalesce(s.spouse_birth_date, p.birth_date) end as woman_birth,
       coalesce(c.children_ever, 0) as children_ever,
       case when c.subject is null then 0 else c.children_living end as children_living,
       coalesce(c.girls_living, 0) as girls_living,
       c.youngest_child_birth,
       case when c.subject is null then 0 else c.child_disability_grade end as child_disability_grade,
       case when t.subject is null then 'none' else t.certificate_status end as certificate_status,
       case when e.person is null then 'none' else e.status end as employment_status,
       case when e.person is null then 'none' else e.cause end as unemployment_cause,
       e.retired_on,
       case when m.person is null then 0 else m.grade end as complication_grade,
       f.holds as births_confirmed
from person p
left join death d on d.person = p.id
left join home_facts h on h.subject = p.id
left join spouses s on s.subject = p.id
left join child_facts c on c.subject = p.id
left join certificates t on t.subject = p.id
left join employment e on e.person = p.id
left join complication m on m.person = p.id
left join (select person, holds from confirmation where matter = 'births_1973_2001') f on f.person = p.id;

create or replace view couple_facts as
with couples as (
  select id as subject, unit, person as husband, relative as wife from kinship where relation = 'spouse'
),
certificates as (
  select subject,
         case when bool_or(status = 'valid') then 'valid' when count(status) = count(*) then 'withdrawn' end as certificate_status
  from (
    select k.subject, c.status from couples k join certificate c on c.mother = k.wife
    union all
    select k.subject, c.status from couples k join certificate c on c.father = k.husband
  )
  group by subject
)
select k.subject, k.unit, k.husband, k.wife,
       dh.person is null and dw.person is null as both_alive,
       case when hh.subject is null and hw.subject is null then false
            when hh.registered or hw.registered then true
            else coalesce(hh.registered, hw.registered) end as either_registered,
       case when eh.person is null then 'none' else eh.status end as husband_employment,
       case when ew.person is null then 'none' else ew.status end as wife_employment,
       case when t.subject is null then 'none' else t.certificate_status end as certificate_status,
       coalesce(cw.children_ever, 0) as children_ever,
       case when cw.subject is null then 0 else cw.children_living end as children_living,
       cw.youngest_child_birth,
       coalesce(ch.children_ever, 0) as husband_children_ever
from couples k
left join death dh on dh.person = k.husband
left join death dw on dw.person = k.wife
left join home_facts hh on hh.subject = k.husband
left join home_facts hw on hw.subject = k.wife
left join employment eh on eh.person = k.husband
left join employment ew on ew.person = k.wife
left join certificates t on t.subject = k.subject
left join child_facts cw on cw.subject = k.wife
left join child_facts ch on ch.subject = k.husband;

-- Every condition of every subject, and which facts are missing: what the sweep yields.
create or replace view person_conditions as
select subject, unit,
       alive,
       registered,
       nationality = 'CHN' as nationality,
       birth_date >= date '2022-01-01' as born_from_2022,
       birth_date > (date ':on' - interval 3 year)::date as under_three,
       complication_grade between 1 and 3 as certified,
       certificate_status = 'valid' as certificate,
       children_ever = 1 and children_living = 1 as one_child_living,
       youngest_child_birth > (date ':on' - interval 18 year)::date as child_under_18,
       hukou_nature = 'agricultural' as rural,
       spouse_hukou_nature in ('agricultural', 'none') as spouse_rural,
       birth_date >= date '1933-01-01' as born_from_1933,
       births_confirmed,
       children_ever > 0 and (children_living = 1 or children_living = 0 or (children_living = 2 and girls_living = 2)) as children,
       birth_date <= (date ':on' - interval 60 year)::date as aged_60,
       woman_birth <= (date ':on' - interval 49 year)::date as woman_49,
       children_ever = 1 as only_child,
       children_living = 0 as child_lost,
       children_living = 1 as child_living,
       child_disability_grade between 1 and 3 as child_disabled,
       employment_status = 'retired' as retired,
       unemployment_cause in ('bankruptcy', 'restructuring', 'cancellation', 'diversion') as cause,
       retired_on <= date ':on' as retired_by_now,
       sex is null as no_sex,
       birth_date is null as no_birth_date,
       nationality is null as no_nationality,
       hukou_nature is null as no_hukou_nature,
       registered is null as no_registered,
       spouse_hukou_nature is null as no_spouse_hukou_nature,
       children_living is null as no_children_living,
       child_disability_grade is null as no_child_disability_grade,
       certificate_status is null as no_certificate_status,
       employment_status is null as no_employment_status,
       unemployment_cause is null as no_unemployment_cause,
       retired_on is null as no_retired_on,
       complication_grade is null as no_complication_grade,
       births_confirmed is null as no_births_confirmed
from person_facts;

create or replace view couple_conditions as
select subject, unit, husband, wife,
       both_alive,
       either_registered,
       husband_employment = 'unemployed' and wife_employment = 'unemployed' as both_unemployed,
       certificate_status = 'valid' as certificate,
       children_ever = 1 and husband_children_ever = 1 and children_living = 1 as only_child,
       youngest_child_birth > (date ':on' - interval 18 year)::date as child_under_18,
       either_registered is null as no_either_registered,
       husband_employment is null as no_husband_employment,
       wife_employment is null as no_wife_employment,
       certificate_status is null as no_certificate_status,
       children_living is null as no_children_living
from couple_facts;
