-- The eight programmes of packs/national, written by hand for DuckDB. Views are inlined, so each query below is one plan.
-- Ages become comparisons of birth dates with a constant; every fact is gathered once; `:on` is the date.
-- A fact that no row tells is the absent value where a list vouches (a bit of the person's), else missing; `w_…` says that it waits for a list,
-- which it does of those at home anywhere: others have to be asked.
-- Bits: 1 residents-police, 2 police-households, 4 residents-community, 8 deaths, 16 marriages, 32 children, 64 disability,
-- 128 certificates, 256 employment, 512 complications.

-- Who was met at a visit lives; that counts as long as a list of deaths would.
create or replace view met as
select distinct person from visit where result = 'met' and made_on <= date ':on' and made_on + interval 13 month > date ':on';

create or replace view life_facts as
select subject, bool_and(alive) as alive
from (
  select person as subject, not coalesce(died_on <= date ':on', true) as alive from death
  union all
  select person, true from met
)
group by subject;

create or replace view person_facts as
with spouses as (
  -- Of a spouse whose death no list would show, and whom nobody met, nothing is known.
  select subject, bool_and(lives) or null as married,
         case when bool_and(lives) then max(birth_date) end as spouse_birth_date,
         case when bool_and(lives) then max(hukou_nature) end as spouse_hukou_nature
  from (
    select k.subject, p.birth_date, p.hukou_nature, d.person is not null or m.person is not null or coalesce(h.bits, 0) & 15 <> 0 as lives
    from (
      select person as subject, relative as spouse from kinship where relation = 'spouse' and (until is null or until > date ':on')
      union all
      select relative, person from kinship where relation = 'spouse' and (until is null or until > date ':on')
    ) k
    join person p on p.id = k.spouse
    left join death d on d.person = k.spouse
    left join met m on m.person = k.spouse
    left join home_facts h on h.subject = k.spouse
    where d.person is null or d.died_on > date ':on'
  )
  group by subject
),
told as (
  select p.id as subject, p.unit, case when p.sex not in ('0', '9') then p.sex end as sex, p.birth_date, p.nationality, p.hukou_nature,
         coalesce(h.bits, 0) as bits, coalesce(h.at_home, false) as at_home,
         case when n.person is null then (select bits from everywhere) else (select bits from everywhere) & ~n.bits end as everywhere_bits,
         d.subject as told_life, d.alive as life, h.registered as home,
         s.subject as told_spouse, s.married, s.spouse_birth_date as spouse_birth, s.spouse_hukou_nature as spouse_hukou,
         coalesce(c.children_ever, 0) as children_known, c.children_living as living, c.girls_living as girls, c.youngest_child_birth as youngest,
         case when c.children_ever > 0 then c.last_child end as last_child,
         coalesce(c.child_disabled, false) as told_disability, c.child_disability_grade as disability,
         coalesce(hc.bits, 0) as child_bits, c.last_child is null or coalesce(hc.at_home, false) as child_at_home,
         t.subject as told_certificate, t.status as certificate, coalesce(p.birth_date > (date ':on' - interval 18 year)::date, false) as under_18,
         e.person as told_work, e.status as work, e.cause, e.retired_on,
         m.person as told_complication, m.grade as complication, f.holds as births_confirmed
  from person p
  left join home_facts h on h.subject = p.id
  left join nowhere n on n.person = p.id
  left join life_facts d on d.subject = p.id
  left join spouses s on s.subject = p.id
  left join child_facts c on c.subject = p.id
  left join home_facts hc on hc.subject = c.last_child
  left join certificate_facts t on t.subject = p.id
  left join employment e on e.person = p.id
  left join complication m on m.person = p.id
  left join (select person, holds from confirmation where matter = 'births_1973_2001') f on f.person = p.id
)
select subject, unit, sex, birth_date, nationality, hukou_nature, births_confirmed, children_known,
       case when told_life is not null then life when bits & 15 <> 0 then true end as alive,
       told_life is null and bits & 15 = 0 and at_home as w_alive,
       case when at_home then home when (bits | everywhere_bits) & 3 <> 0 then false end as registered,
       false as w_registered,
       case when told_spouse is not null then married when bits & 16 <> 0 then false end as married,
       told_spouse is null and bits & 16 = 0 and at_home as w_married,
       spouse_birth as spouse_birth_date,
       told_spouse is null and bits & 16 = 0 as w_spouse_birth_date,
       case when told_spouse is not null then spouse_hukou when bits & 16 <> 0 then 'none' end as spouse_hukou_nature,
       told_spouse is null and bits & 16 = 0 and at_home as w_spouse_hukou_nature,
       case when bits & 32 <> 0 then children_known end as children_ever,
       bits & 32 = 0 as w_children_ever,
       case when bits & 32 <> 0 then case when children_known = 0 then 0 else living end end as children_living,
       bits & 32 = 0 and at_home as w_children_living,
       case when bits & 32 <> 0 then case when children_known = 0 then 0 else girls end end as girls_living,
       bits & 32 = 0 and at_home as w_girls_living,
       case when bits & 32 <> 0 then youngest end as youngest_child_birth,
       bits & 32 = 0 and at_home as w_youngest_child_birth,
       case when told_disability then disability when child_bits & 64 <> 0 then 0 end as child_disability_grade,
       not told_disability and child_bits & 64 = 0 and child_at_home as w_child_disability_grade,
       case when told_certificate is not null then certificate when under_18 or bits & 128 <> 0 then 'none' end as certificate_status,
       told_certificate is null and not under_18 and bits & 128 = 0 and at_home as w_certificate_status,
       case when told_work is not null then work when bits & 256 <> 0 then 'none' end as employment_status,
       case when told_work is not null then cause when bits & 256 <> 0 then 'none' end as unemployment_cause,
       retired_on,
       told_work is null and bits & 256 = 0 and at_home as w_work,
       case when told_complication is not null then complication when bits & 512 <> 0 then 0 end as complication_grade,
       told_complication is null and bits & 512 = 0 and at_home as w_complication_grade
from told;

-- Who is beyond the legal age of retirement, 63 for men and 58 for women, isn't registered as unemployed, whatever list is lacking.
create or replace view couple_facts as
with told as (
  select k.id as subject, k.unit, k.person as husband, k.relative as wife, k.until is null or k.until > date ':on' as married,
         coalesce(hh.bits, 0) as h_bits, k.person is null or coalesce(hh.at_home, false) as h_home,
         coalesce(hw.bits, 0) as w_bits, k.relative is null or coalesce(hw.at_home, false) as w_home,
         (select bits from everywhere) & ~coalesce(nh.bits, 0) as h_everywhere, (select bits from everywhere) & ~coalesce(nw.bits, 0) as w_everywhere,
         dh.subject as h_told_life, dh.alive as h_life, dw.subject as w_told_life, dw.alive as w_life,
         coalesce(hh.at_home, false) as h_told_home, hh.registered as h_registered,
         coalesce(hw.at_home, false) as w_told_home, hw.registered as w_registered_now,
         coalesce(th.as_father, false) as h_told_certificate, th.father_status as h_certificate,
         coalesce(tw.as_mother, false) as w_told_certificate, tw.mother_status as w_certificate,
         eh.person is not null or oh.id is not null as h_told_work, coalesce(eh.status, case when oh.id is not null then 'none' end) as h_work,
         ew.person is not null or ow.id is not null as w_told_work, coalesce(ew.status, case when ow.id is not null then 'none' end) as w_work,
         coalesce(cw.children_ever, 0) as children_known, cw.children_living as living, cw.youngest_child_birth as youngest,
         coalesce(ch.children_ever, 0) as husband_children_known
  from (select * from kinship where relation = 'spouse') k
  left join home_facts hh on hh.subject = k.person
  left join home_facts hw on hw.subject = k.relative
  left join nowhere nh on nh.person = k.person
  left join nowhere nw on nw.person = k.relative
  left join life_facts dh on dh.subject = k.person
  left join life_facts dw on dw.subject = k.relative
  left join certificate_facts th on th.subject = k.person
  left join certificate_facts tw on tw.subject = k.relative
  left join employment eh on eh.person = k.person
  left join employment ew on ew.person = k.relative
  left join (select id from person where birth_date <= (date ':on' - interval 63 year)::date) oh on oh.id = k.person
  left join (select id from person where birth_date <= (date ':on' - interval 58 year)::date) ow on ow.id = k.relative
  left join child_facts cw on cw.subject = k.relative
  left join child_facts ch on ch.subject = k.person
)
select subject, unit, husband, wife, married, children_known, husband_children_known,
       case when h_told_life is not null then h_life when h_bits & 15 <> 0 then true end as husband_alive,
       h_told_life is null and h_bits & 15 = 0 and h_home as w_husband_alive,
       case when w_told_life is not null then w_life when w_bits & 15 <> 0 then true end as wife_alive,
       w_told_life is null and w_bits & 15 = 0 and w_home as w_wife_alive,
       case when h_told_home then h_registered when (h_bits | h_everywhere) & 3 <> 0 then false end as husband_registered,
       husband is null and (h_bits | h_everywhere) & 3 = 0 as w_husband_registered,
       case when w_told_home then w_registered_now when (w_bits | w_everywhere) & 3 <> 0 then false end as wife_registered,
       wife is null and (w_bits | w_everywhere) & 3 = 0 as w_wife_registered,
       case when h_told_certificate then h_certificate when h_bits & 128 <> 0 then 'none' end as husband_certificate,
       not h_told_certificate and h_bits & 128 = 0 and h_home as w_husband_certificate,
       case when w_told_certificate then w_certificate when w_bits & 128 <> 0 then 'none' end as wife_certificate,
       not w_told_certificate and w_bits & 128 = 0 and w_home as w_wife_certificate,
       case when h_told_work then h_work when h_bits & 256 <> 0 then 'none' end as husband_employment,
       not h_told_work and h_bits & 256 = 0 and h_home as w_husband_employment,
       case when w_told_work then w_work when w_bits & 256 <> 0 then 'none' end as wife_employment,
       not w_told_work and w_bits & 256 = 0 and w_home as w_wife_employment,
       case when w_bits & 32 <> 0 then children_known end as children_ever,
       w_bits & 32 = 0 as w_children_ever,
       case when w_bits & 32 <> 0 then case when children_known = 0 then 0 else living end end as children_living,
       w_bits & 32 = 0 and w_home as w_children_living,
       case when w_bits & 32 <> 0 then youngest end as youngest_child_birth,
       w_bits & 32 = 0 and w_home as w_youngest_child_birth,
       case when h_bits & 32 <> 0 then husband_children_known end as husband_children_ever,
       h_bits & 32 = 0 as w_husband_children_ever
from told;

-- Every condition of every subject, which facts are missing and which of them wait for a list: what the sweep yields.
create or replace view person_conditions as
select subject, unit,
       date ':on' >= date '2025-01-01' as since_2025,
       alive,
       registered,
       nationality = 'CHN' as nationality,
       birth_date >= date '2022-01-01' as born_from_2022,
       birth_date > (date ':on' - interval 3 year)::date as under_three,
       case when complication_grade is not null then complication_grade between 1 and 3
            when birth_date > (date ':on' - interval 15 year)::date then false end as certified,
       certificate_status = 'valid' as certificate,
       children_known <= 1 and children_ever = 1 and children_living = 1 as one_child_living,
       youngest_child_birth > (date ':on' - interval 18 year)::date as child_under_18,
       hukou_nature = 'agricultural' as rural,
       spouse_hukou_nature in ('agricultural', 'none') as spouse_rural,
       birth_date >= date '1933-01-01' as born_from_1933,
       births_confirmed,
       (children_known > 0 or children_ever > 0) and (children_living = 1 or children_living = 0 or (children_living = 2 and girls_living = 2)) as children,
       birth_date <= (date ':on' - interval 60 year)::date as aged_60,
       case when sex = '2' or birth_date > (date ':on' - interval 18 year)::date or not married then birth_date
            when sex = '1' then spouse_birth_date end <= (date ':on' - interval 49 year)::date as woman_49,
       children_known <= 1 and children_ever = 1 as only_child,
       children_living = 0 as child_lost,
       children_living = 1 as child_living,
       child_disability_grade between 1 and 3 as child_disabled,
       case when employment_status is not null then employment_status = 'retired'
            when birth_date > (date ':on' - interval 40 year)::date then false end as retired,
       unemployment_cause in ('bankruptcy', 'restructuring', 'cancellation', 'diversion') as cause,
       retired_on <= date ':on' as retired_by_now,
       sex is null as n_sex,
       birth_date is null as n_birth_date,
       nationality is null as n_nationality,
       hukou_nature is null as n_hukou_nature,
       alive is null as n_alive, w_alive,
       registered is null as n_registered, w_registered,
       married is null as n_married, w_married,
       spouse_birth_date is null as n_spouse_birth_date, w_spouse_birth_date,
       spouse_hukou_nature is null as n_spouse_hukou_nature, w_spouse_hukou_nature,
       children_ever is null as n_children_ever, w_children_ever,
       children_living is null as n_children_living, w_children_living,
       girls_living is null as n_girls_living, w_girls_living,
       youngest_child_birth is null as n_youngest_child_birth, w_youngest_child_birth,
       child_disability_grade is null as n_child_disability_grade, w_child_disability_grade,
       certificate_status is null as n_certificate_status, w_certificate_status,
       employment_status is null as n_employment_status, w_work as w_employment_status,
       unemployment_cause is null as n_unemployment_cause, w_work as w_unemployment_cause,
       retired_on is null as n_retired_on, w_work as w_retired_on,
       complication_grade is null as n_complication_grade, w_complication_grade,
       births_confirmed is null as n_births_confirmed
from person_facts;

create or replace view couple_conditions as
select subject, unit, husband, wife,
       married,
       husband_alive and wife_alive as both_alive,
       husband_registered or wife_registered as either_registered,
       husband_employment = 'unemployed' and wife_employment = 'unemployed' as both_unemployed,
       husband_certificate = 'valid' or wife_certificate = 'valid' as certificate,
       children_known <= 1 and husband_children_known <= 1 and children_ever = 1 and husband_children_ever = 1 and children_living = 1 as only_child,
       youngest_child_birth > (date ':on' - interval 18 year)::date as child_under_18,
       husband_alive is null as n_husband_alive, w_husband_alive,
       wife_alive is null as n_wife_alive, w_wife_alive,
       husband_registered is null as n_husband_registered, w_husband_registered,
       wife_registered is null as n_wife_registered, w_wife_registered,
       husband_certificate is null as n_husband_certificate, w_husband_certificate,
       wife_certificate is null as n_wife_certificate, w_wife_certificate,
       husband_employment is null as n_husband_employment, w_husband_employment,
       wife_employment is null as n_wife_employment, w_wife_employment,
       children_ever is null as n_children_ever, w_children_ever,
       children_living is null as n_children_living, w_children_living,
       youngest_child_birth is null as n_youngest_child_birth, w_youngest_child_birth,
       husband_children_ever is null as n_husband_children_ever, w_husband_children_ever
from couple_facts;
