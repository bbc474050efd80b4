-- One token bucket per family of keys, for all gateways. Unlogged: after a crash every bucket is full again, and a
-- commit waits for no disk. `granted` is what the last lease was given.
create unlogged table rate_bucket (
  family text primary key,
  tokens double precision not null,
  granted integer not null,
  at timestamptz not null
) with (fillfactor = 50);
