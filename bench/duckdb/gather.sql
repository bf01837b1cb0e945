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

-- The lists whose matter these programmes look at: a bit each, for whom they vouch, and for how many months.
create or replace temp table vouching as
select l.*, b.bit from list_kind l
join (values ('residents-police', 1), ('police-households', 2), ('residents-community', 4), ('deaths', 8), ('marriages', 16),
             ('children', 32), ('disability', 64), ('certificates', 128), ('employment', 256), ('complications', 512)) b(roster, bit)
  using (roster);

-- Lists in force on the date, and the day on which people have to be at home for them. Lists of what happened count together where one
-- follows on another, and for those born since the first of them begins. What a unit records itself counts like a list of the date.
create or replace temp table active as
with own as (select c.*, v.bit from cover c join vouching v using (roster) where not c.partial),
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
select id, roster, bit, unit, whom, as_of as home_day, null::date as born_from
from own where how = 'roll' and from_day <= date ':on' and date ':on' < until_day
union all
select t.id, t.roster, t.bit, t.unit, t.whom, least(date ':on', s.last_day), s.born_from
from told t join spans s using (roster, unit, span)
where s.born_from <= date ':on' and date ':on' < s.until_day
union all
select null, v.roster, v.bit, o.unit, v.whom, date ':on', null
from own_list o join vouching v on v.roster = o.list
where o.since <= date ':on' and date ':on' <= greatest(o.since, o.confirmed_on) + to_months(v.months);

-- Of whom it was asked what a list would tell.
create or replace temp table asked_bits as
select a.person, bit_or(v.bit) as bits
from asked a join vouching v on v.roster = a.list
where a.asked_on <= date ':on' and date ':on' <= a.asked_on + to_months(v.months)
group by a.person;

-- The unit above each: the one whose place it took, its parent, or the next by its code.
create or replace temp table above as
with units as (select unit from book_unit union select code from unit),
said as (select code as unit, coalesce(case when ended_on <= date ':on' then successor end, parent) as above from unit)
select s.unit, s.above from said s semi join units u on u.unit = s.above
union all
select u.unit, arg_max(o.unit, length(prefix_of(o.unit)))
from units u join units o on o.unit <> u.unit and lies_under(u.unit, o.unit)
where u.unit not in (select s.unit from said s semi join units u on u.unit = s.above)
group by u.unit;

-- The units that went into another, and until when lists of their own still speak of them.
create or replace temp table went as
select code as unit, ended_on as day, parent as former from unit where ended_on <= date ':on' and successor is not null;
create or replace temp table still_own as
select w.unit, c.roster, max(c.until_day) as until_day
from went w join cover c on w.day <= c.as_of and lies_under(c.unit, w.unit)
group by all;

-- The units with none below, and those that went into another.
create or replace temp table leaf as
with recursive ended as (select code as unit from unit where ended_on <= date ':on'),
standing as (select unit from book_unit union select code from unit except select unit from ended),
-- What lies below one that ended lies below the next that there is.
below as (
  select a.above from above a semi join standing s on s.unit = a.unit
  union
  select a.above from below b join ended e on e.unit = b.above join above a on a.unit = e.unit
)
select unit from standing where unit not in (select above from below)
union
select unit from went;

-- Which units a list is of. One that went into another lay where it was before on earlier days, and does so for a roster as long as lists of
-- its own speak of it.
create or replace temp table scope as
with recursive days as (select roster, home_day as day from active union select roster, born_from from active where born_from is not null),
way as (
  select unit, above, null::text as roster, null::date as day from above where unit not in (select unit from went)
  union all
  select w.unit, case when d.day < w.day or d.day < s.until_day then w.former else a.above end, d.roster, d.day
  from went w cross join days d left join above a on a.unit = w.unit left join still_own s on s.unit = w.unit and s.roster = d.roster
),
up(unit, here, roster, day, steps) as (
  select unit, unit, null::text, null::date, 0 from (select distinct unit from home where unit is not null union select unit from leaf)
  union
  select u.unit, w.above, coalesce(u.roster, w.roster), coalesce(u.day, w.day), u.steps + 1
  from up u join way w on w.unit = u.here and (u.roster is null or w.roster is null or (w.roster = u.roster and w.day = u.day))
  where w.above is not null and u.steps < 32
)
select distinct s.unit as scope, u.unit, u.roster, u.day from (select distinct unit from active) s join up u on lies_under(u.here, s.unit);

-- The lists of each unit. Those born before it went into the list's are told of by lists of its own.
create or replace temp table covering as
select distinct a.id, a.bit, a.whom, a.home_day, s.unit,
       case when w.unit is not null and earlier.unit is null then greatest(a.born_from, w.day) else a.born_from end as born_from
from active a
join scope s on s.scope = a.unit and (s.roster is null or (s.roster = a.roster and s.day = a.home_day))
left join went w on a.born_from is not null and w.unit = s.unit
left join scope earlier on earlier.scope = a.unit and earlier.unit = w.unit
  and (earlier.roster is null or (earlier.roster = a.roster and earlier.day = a.born_from));

create or replace temp table unit_bits as
select home_day as day, unit,
       coalesce(bit_or(bit) filter (where whom <> 'living'), 0) as registered_bits,
       coalesce(bit_or(bit) filter (where whom <> 'registered'), 0) as living_bits
from covering
where born_from is null
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
  select unit, bit_or(bit) as bits from covering where born_from is null and whom <> 'living' group by unit
) b on b.unit = l.unit;
create or replace temp table nowhere as
select h.person, coalesce(bit_or(a.bit) filter (where a.born_from is null and a.whom <> 'living'), 0) as bits
from hole h join active a on a.id = h.cover group by h.person;

-- Of each person with a home or asked: whether registered, at home at all on the date, and the lists that vouch.
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
  join covering a on a.home_day = h.day and a.unit = h.unit
  where case a.whom when 'registered' then h.registered when 'living' then h.living else h.registered or h.living end
    and (a.born_from is null or h.birth_date >= a.born_from)
    and not exists (select 1 from hole o where o.person = h.person and o.cover = a.id)
  union all
  select person, false, null, bits from asked_bits
)
group by person;

create or replace temp table child_facts as
select k.person as subject,
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
