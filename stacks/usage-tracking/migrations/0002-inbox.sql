-- What the gateway acknowledges. A writer is one connection of a gateway: it holds an advisory lock on its id, has one
-- transaction in flight and numbers its rows itself, so whoever reads seq > pos of a writer never skips a row that
-- commits later. Rows are never deleted: a slot is truncated once everything in it is processed.
create table inbox (
  slot smallint not null,
  shard smallint not null,
  writer integer not null,
  seq bigint not null,
  tenant integer not null,
  events integer not null check (events > 0),
  received_at timestamptz not null,
  codec smallint not null,
  body bytea not null,
  primary key (shard, writer, seq, slot)
) partition by list (slot);

create table inbox_0 partition of inbox for values in (0);
create table inbox_1 partition of inbox for values in (1);
create table inbox_2 partition of inbox for values in (2);
create table inbox_3 partition of inbox for values in (3);
create table inbox_4 partition of inbox for values in (4);
create table inbox_5 partition of inbox for values in (5);
create table inbox_6 partition of inbox for values in (6);
create table inbox_7 partition of inbox for values in (7);

-- lz4 where the server has it; otherwise bodies stay as they are (pglz would cost more than the write it saves).
do $$
declare
  slot text;
begin
  foreach slot in array array['0', '1', '2', '3', '4', '5', '6', '7'] loop
    begin
      execute format('alter table inbox_%s alter column body set compression lz4', slot);
    exception when feature_not_supported then
      execute format('alter table inbox_%s alter column body set storage external', slot);
    end;
  end loop;
end
$$;

-- The slot that rows go to: a new one every ten minutes, the same one again after eighty.
create function inbox_slot(at timestamptz) returns smallint
  language sql immutable parallel safe
  return (floor(extract(epoch from at) / 600)::bigint % 8)::smallint;

-- Every writer id that was ever used.
create table inbox_writer (id integer primary key);

-- A shard is the unit of single-writer processing; a tenant belongs to tenant.id % (number of shards). `epoch` grows
-- with every claim: a processor whose epoch is old has lost the shard.
create table shard (
  id smallint primary key,
  epoch bigint not null default 0
);

insert into shard (id) values (0);

-- Up to where a shard has processed the rows of a writer.
create table shard_cursor (
  shard smallint not null references shard (id),
  writer integer not null references inbox_writer (id),
  pos bigint not null,
  primary key (shard, writer)
) with (fillfactor = 50);
