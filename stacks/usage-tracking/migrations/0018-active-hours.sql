-- In a row of a day: the hours in UTC in which the user was active, bit 0 for the first. A day of another time zone is part
-- of two days: one row a user and day says who was active in that part, instead of one a user and hour.
alter table active_user add column hours integer not null default 0;

update active_user d set hours = m.hours
from (
  select tenant, dimension, date_trunc('day', bucket, 'UTC') as day, key, user_id,
    bit_or(1 << extract(hour from bucket at time zone 'UTC')::integer) as hours
  from active_user where period = 'hour' group by 1, 2, 3, 4, 5
) m
where d.tenant = m.tenant and d.dimension = m.dimension and d.period = 'day' and d.bucket = m.day and d.key = m.key
  and d.user_id = m.user_id;
