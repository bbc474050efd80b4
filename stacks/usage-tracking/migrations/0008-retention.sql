-- From which time on a table still has all it was given: partitions before it were dropped, and what comes in for them
-- afterwards is not all there was. The audit looks no further back.
create table retention_floor (
  parent text primary key,
  kept_from timestamptz not null
);

-- What a dead letter needs to be tried once more.
alter table dead_letter_events
  add column id uuid not null default gen_random_uuid(),
  add column codec smallint not null default 1,
  add column received_at timestamptz not null default now(),
  add column attempts integer not null default 1;

create index dead_letter_events_id on dead_letter_events (id);
