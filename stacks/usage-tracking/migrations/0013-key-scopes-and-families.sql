-- What a key may do, and which keys belong together: a rotation makes a second key of the family, so that both work
-- until the first is revoked. The two places of a family are all there are, whoever asks for a third at whatever moment.
alter table api_key
  add column scopes text[] not null default '{ingest,read}'
    check (scopes <@ array['ingest', 'read'] and cardinality(scopes) between 1 and 2),
  add column family text,
  add column place smallint not null default 0 check (place in (0, 1));

update api_key set family = id;

alter table api_key
  alter column scopes drop default,
  alter column family set not null;

create unique index api_key_places on api_key (family, place) where revoked_at is null;
