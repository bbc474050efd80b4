-- Answers to requests that came with an Idempotency-Key, for all gateways. Without an answer a request is being carried
-- out, or was given up; carrying it out again is safe, since events are counted once by their ids.
create table idempotency_key (
  tenant integer not null,
  key text not null,
  fingerprint bytea not null check (octet_length(fingerprint) = 32),
  status smallint,
  answer bytea,
  expires_at timestamptz not null,
  primary key (tenant, key)
);

create index idempotency_key_expires_at on idempotency_key (expires_at);
