-- Facts that both kinds of subject need, gathered once. Part of what is timed.

create or replace temp table home_facts as
select person as subject, bool_or(registered) as registered from residence group by person;
create or replace temp table child_facts as
select k.person as subject,
       count(*) as children_ever,
       case when count(*) filter (where d.person is null and k.child_status is null) = 0
            then count(*) filter (where d.person is null and k.child_status = 'alive') end as children_living,
       count(*) filter (where d.person is null and k.child_status = 'alive' and c.sex = '2') as girls_living,
       max(c.birth_date) as youngest_child_birth,
       max(case when x.person is null then 0 else x.grade end) as child_disability_grade
from kinship k
join person c on c.id = k.relative
left join death d on d.person = k.relative
left join disability x on x.person = k.relative
where k.relation = 'child'
group by k.person;
