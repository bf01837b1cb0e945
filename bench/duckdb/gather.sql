-- What both kinds of subject need, gathered once: for whom lists vouch (bits on the person), who is at home, whose children are whose.
-- Part of what is timed. `:on` is the date.

create or replace macro prefix_of(code) as
  case when substr(code, 10, 3) <> '000' then code
       when substr(code, 7, 3) <> '000' then left(code, 9)
       when substr(code, 5, 2) <> '00' then left(code, 6)
       when substr(code, 3, 2) <> '00' then left(code, 4)
       else left(code, 2) end;
create or replace macro lies_under(code, scope) as
  case when length(scope) > 12 then code = scope else starts_with(code, prefix_of(scope)) end;

-- Lists in force on the date, and the day on which people have to be at home for them. Lists of what happened count together where one
-- follows on another, and for those born since the first of them begins.
create or replace temp table active as
with own as (
  select c.*, b.bit from cover c
  join (values ('residents-police', 1), ('police-households', 2), ('residents-community', 4), ('deaths', 8), ('marriages', 16),
               ('children', 32), ('disability', 64), ('certificates', 128), ('employment', 256), ('complications', 512)) b(roster, bit)
    on b.roster = c.roster
  where not c.partial
),
told as (
  select *, sum(begins) over (partition by roster, unit order by from_day, as_of, id) as span
  from (
    select *, case when from_day <= max(as_of) over (
                partition by roster, unit order by from_day, as_of, id rows between unbounded preceding and 1 preceding) + 1
              then 0 else 1 end as begins
    from own where how = 'events'
  )
),
spans as (
  select roster, unit, span, min(from_day) as born_from, max(as_of) as last_day, max(until_day) as until_day from told group by all
)
select id, bit, unit, whom, as_of as home_day, null::date as born_from
from own where how = 'roll' and from_day <= date ':on' and date ':on' < until_day
union all
select t.id, t.bit, t.unit, t.whom, least(date ':on', s.last_day), s.born_from
from told t join spans s using (roster, unit, span)
where s.born_from <= date ':on' and date ':on' < s.until_day;

create or replace temp table above as
select code as unit, coalesce(case when ended_on <= date ':on' then successor end, parent) as above
from unit where coalesce(case when ended_on <= date ':on' then successor end, parent) is not null;

-- The units with none below.
create or replace temp table leaf as
with units as (select unit from book_unit union select code from unit),
standing as (select unit from units where unit not in (select code from unit where ended_on <= date ':on'))
select unit from standing
where unit not in (select u.unit from units u join standing s on s.unit <> u.unit and lies_under(s.unit, u.unit))
  and unit not in (select a.above from above a join standing s on s.unit = a.unit);

create or replace temp table scope as
with recursive up(unit, here, steps) as (
  select unit, unit, 0 from (select distinct unit from home where unit is not null union select unit from leaf)
  union
  select u.unit, a.above, u.steps + 1 from up u join above a on a.unit = u.here where u.steps < 32
)
select distinct s.unit as scope, u.unit from (select distinct unit from active) s join up u on lies_under(u.here, s.unit);

create or replace temp table unit_bits as
select a.home_day as day, s.unit,
       coalesce(bit_or(a.bit) filter (where a.whom <> 'living'), 0) as registered_bits,
       coalesce(bit_or(a.bit) filter (where a.whom <> 'registered'), 0) as living_bits
from active a join scope s on s.scope = a.unit
where a.born_from is null
group by all;

-- Whom a row that wasn't placed may be about: of them that list doesn't tell.
create or replace temp table hole as
select n.person, h.cover from cover_hole h join person_name n on n.name = h.name
where h.cover in (select id from active)
union
select person, cover from cover_may_be where cover in (select id from active);

-- The lists that cover every unit, and of whom they don't tell even so.
create or replace temp table everywhere as
select bit_and(coalesce(b.bits, 0)) as bits
from leaf l left join (
  select s.unit, bit_or(a.bit) as bits from active a join scope s on s.scope = a.unit
  where a.born_from is null and a.whom <> 'living' group by s.unit
) b on b.unit = l.unit;
create or replace temp table nowhere as
select h.person, coalesce(bit_or(a.bit) filter (where a.born_from is null and a.whom <> 'living'), 0) as bits
from hole h join active a on a.id = h.cover group by h.person;

-- Of each person with a home: whether registered, at home at all on the date, and the lists that vouch.
create or replace temp table home_facts as
with one_by_one as (
  -- Those whose lists have to be looked at one by one: of whom some list doesn't tell, and the newly born.
  select h.day, h.person, h.unit, h.registered, h.living, p.birth_date from home h join person p on p.id = h.person
  where h.person in (select person from hole) or p.birth_date >= (select min(born_from) from active)
)
select person as subject,
       count(*) filter (where today) > 0 as at_home,
       case when bool_or(registered) filter (where today) then true
            when count(registered) filter (where today) = count(*) filter (where today) then false end as registered,
       coalesce(bit_or(bits), 0) as bits
from (
  select h.person, h.day = date ':on' as today, h.registered,
         case when x.person is not null then 0
              else (case when h.registered then u.registered_bits else 0 end) | (case when h.living then u.living_bits else 0 end)
         end as bits
  from home h
  left join unit_bits u on u.day = h.day and u.unit = h.unit
  left join (select distinct person from hole) x on x.person = h.person
  union all
  select h.person, false, null, a.bit
  from one_by_one h
  join active a on a.home_day = h.day
  join scope s on s.scope = a.unit and s.unit = h.unit
  where case a.whom when 'registered' then h.registered when 'living' then h.living else h.registered or h.living end
    and (a.born_from is null or h.birth_date >= a.born_from)
    and not exists (select 1 from hole o where o.person = h.person and o.cover = a.id)
)
group by person;

create or replace temp table child_facts as
select k.person as subject,
       count(*) as children_named,
       count(*) filter (where born) as children_ever,
       max(k.relative) filter (where born) as last_child,
       case when count(*) filter (where born and status is null) = 0 then count(*) filter (where born and status = 'alive') end as children_living,
       case when count(*) filter (where born and status = 'alive' and coalesce(sex, '0') not in ('1', '2')) = 0
            then count(*) filter (where born and status = 'alive' and sex = '2') end as girls_living,
       max(birth_date) filter (where born) as youngest_child_birth,
       count(disabled) > 0 as child_disabled,
       case when count(disabled) = count(grade) then max(grade) end as child_disability_grade
from (
  select k.person, k.relative, c.sex, c.birth_date, coalesce(c.birth_date <= date ':on', true) as born,
         case when d.person is null then k.child_status when coalesce(d.died_on <= date ':on', true) then 'died' else 'alive' end as status,
         x.person as disabled, x.grade
  from kinship k
  join person c on c.id = k.relative
  left join death d on d.person = k.relative
  left join disability x on x.person = k.relative
  where k.relation = 'child'
) k
group by k.person;

-- A certificate counts for whom it names, as father or as mother.
create or replace temp table certificate_facts as
select subject,
       case when bool_or(status = 'valid') then 'valid' when count(status) = count(*) then 'withdrawn' end as status,
       count(*) filter (where father) > 0 as as_father,
       case when bool_or(status = 'valid') filter (where father) then 'valid'
            when count(status) filter (where father) = count(*) filter (where father) then 'withdrawn' end as father_status,
       count(*) filter (where not father) > 0 as as_mother,
       case when bool_or(status = 'valid') filter (where not father) then 'valid'
            when count(status) filter (where not father) = count(*) filter (where not father) then 'withdrawn' end as mother_status
from (
  select father as subject, status, true as father from certificate where father is not null
  union all
  select mother, status, false from certificate where mother is not null
)
group by subject;
