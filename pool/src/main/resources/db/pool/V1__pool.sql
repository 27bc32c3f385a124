-- The pool. One writer transaction at a time (an advisory lock taken by the applying transaction), so that the order
-- of change.seq is the order of commits.

create table source (
  id        text primary key,
  title     text not null,
  title_en  text not null,
  owner     text not null
);

create table stream (
  id              int generated always as identity primary key,
  source          text not null references source,
  stream          text not null,
  entity_type     text not null,
  fields          text[] not null,
  trust           int not null,
  unique_records  boolean not null,
  deletes         text not null,
  unique (source, stream)
);

-- The latest claim of every source record, packed, with the link to its entity. A deleted record stays as a tombstone
-- so that a late repeat cannot bring it back.
create table source_record (
  stream_id   int not null,
  key         text not null,
  epoch       int not null,
  position    bigint not null,
  deleted     boolean not null,
  entity_id   bigint,
  decision    text,                 -- MATCH | POSSIBLE_MATCH | NO_MATCH | POSSIBLE_DUPLICATE
  origin      text,                 -- AUTO | MANUAL
  link_rule   text,                 -- identifier that linked it; null where it stands alone
  fields      jsonb not null,       -- field → value; sensitive values sealed; absent = never observed or withdrawn
  flags       jsonb,                -- [[field, code], …]
  hash        bytea not null,       -- of the normalised content: equal hash = unchanged
  observed_at timestamptz not null, -- when the pool took it in
  run_id      bigint not null,
  primary key (stream_id, key)
) with (fillfactor = 85);
create index source_record_entity on source_record (entity_id);

-- What source records can be found and linked by. Sensitive values stand as keyed digests.
create table identifier (
  name      text not null,
  value     text not null,
  stream_id int not null,
  key       text not null,
  entity_id bigint,                 -- of the record; kept here so that a look-up is one index scan
  primary key (name, value, stream_id, key)
);
create index identifier_record on identifier (stream_id, key);

create table entity (
  id           bigint primary key,
  entity_type  text not null,
  status       text not null,       -- ACTIVE | RETIRED | REDIRECTED
  redirect_to  bigint,
  version      bigint not null,
  place_id     bigint,              -- where it belongs, for scope; a Place belongs to itself
  title        text not null,       -- what a person calls it; sort key and search text
  fields       jsonb not null,      -- published values; sensitive ones sealed; references as entity ids
  lineage      jsonb not null,      -- packed: field → [stream id, key, rule(, [flag codes])]
  anchor       text not null,       -- its first source record, source/stream/key: names it independently of ids
  content_hash bytea not null,      -- 16 bytes of what is published, 16 of where it comes from; references aside
  records      int not null,        -- live source records behind it
  created_at   timestamptz not null,
  updated_at   timestamptz not null,
  change_seq   bigint not null
) with (fillfactor = 85);
create index entity_redirect on entity (redirect_to) where redirect_to is not null;
create index entity_list on entity (entity_type, title, id) where status = 'ACTIVE';
create index entity_place on entity (place_id, entity_type) where status = 'ACTIVE';
create extension if not exists pg_trgm;
create index entity_search on entity using gin (title gin_trgm_ops) where status = 'ACTIVE';

-- Every published reference, by what it was claimed as; resolved again when that comes to mean another entity.
create table reference (
  entity_id    bigint not null,
  field        text not null,
  target_name  text not null,       -- 'record' or an identifier's name
  target_value text not null,
  to_entity    bigint,
  primary key (entity_id, field)
);
create index reference_target on reference (target_name, target_value);
create index reference_to on reference (to_entity, field);

-- (ancestor, place) for every place and each place above it, itself included: the scope of a person is a set of
-- ancestors.
create table place_scope (
  ancestor bigint not null,
  place    bigint not null,
  primary key (place, ancestor)
);
create index place_scope_ancestor on place_scope (ancestor, place);

create sequence entity_id start 1000;

-- History and outbox in one, append only.
create table change (
  seq         bigint primary key,
  at          timestamptz not null,
  entity_id   bigint not null,
  entity_type text not null,
  place_id    bigint,
  op          text not null,        -- CREATED | UPDATED | RETIRED | MERGED | SPLIT | RESTORED
  version     bigint not null,
  redirect_to bigint,               -- of MERGED: where the id now leads
  title       text not null,
  fields      jsonb not null,
  lineage     jsonb not null,
  run_id      bigint
);
create index change_entity on change (entity_id, seq desc);
create index change_type on change (entity_type, seq);
create index change_place on change (place_id, entity_type, seq);

create table feed_offset (
  feed       text primary key,
  value      text not null,
  run_id     bigint not null,
  updated_at timestamptz not null
);

create table run (
  id         bigint generated always as identity primary key,
  source     text not null,
  feed       text not null,
  kind       text not null,
  status     text not null,
  expected   bigint,
  started_at timestamptz not null,
  updated_at timestamptz not null,
  ended_at   timestamptz,
  message    text
);
create index run_feed on run (feed, id desc);

create table run_count (
  run_id      bigint not null references run,
  stream_id   int not null references stream,
  read        bigint not null,
  applied     bigint not null,
  unchanged   bigint not null,
  stale       bigint not null,
  quarantined bigint not null,
  primary key (run_id, stream_id)
);

create table quarantine (
  id         bigint generated always as identity primary key,
  stream_id  int not null references stream,
  key        text not null,
  epoch      int not null,
  position   bigint not null,
  reason     text not null,
  field      text,
  message    text not null,
  raw        bytea not null,        -- sealed
  status     text not null,         -- WAITING | SUPERSEDED | REPLAYED | DISCARDED
  run_id     bigint not null,
  at         timestamptz not null,
  replay_run bigint,                -- the run that last replayed it
  outcome    text,                  -- what that came to: APPLIED | UNCHANGED | STALE | QUARANTINED
  edited     bytea,                 -- sealed; the form that was taken in instead of raw
  decided_at timestamptz,           -- when, by whom and why it was last replayed or discarded
  decided_by text,
  decided_why text,
  unique (stream_id, key, epoch, position)
);
create index quarantine_replay on quarantine (replay_run) where replay_run is not null;
create index quarantine_waiting on quarantine (stream_id, id) where status = 'WAITING';
-- One waiting item a record: a newer one takes its place.
create unique index quarantine_waiting_key on quarantine (stream_id, key) where status = 'WAITING';

-- What a pool was filled with; a start with something else is refused.
create table setting (
  name  text primary key,
  value text not null
);

-- How far a delivery has come in the change log.
create table delivery_cursor (
  name       text primary key,
  seq        bigint not null,
  updated_at timestamptz not null
);

create table account (
  login         text primary key,
  display_name  text not null,
  password_hash text not null,
  roles         text[] not null,    -- worker | officer | admin
  scope         text[] not null,    -- identifiers of places, e.g. place-code:2023|110101001000; '*' = everything
  created_at    timestamptz not null
);

create table session (
  token_hash bytea primary key,
  login      text not null references account on delete cascade,
  created_at timestamptz not null,
  expires_at timestamptz not null
);

create table audit (
  id      bigint generated always as identity primary key,
  at      timestamptz not null,
  actor   text not null,
  action  text not null,            -- LIST | READ | HISTORY | LINEAGE | UNMASK | SIGN_IN | SIGN_IN_FAILED | …
  object  text not null,            -- ledger or ledger/id; never a value
  detail  jsonb not null
);
create index audit_at on audit (at);

-- Readers run as one of two roles; what they see is decided here and nowhere else.
-- yimen_reader sees the places in the setting yimen.scope = '{1,2}' (place ids) and what lies below them; without the
-- setting nothing. yimen_overseer sees everything: a role of its own, not a setting, because a policy that is always
-- true costs nothing and lets searches use every index.
do $$ begin
  if not exists (select from pg_roles where rolname = 'yimen_reader') then
    create role yimen_reader nologin;
  end if;
  if not exists (select from pg_roles where rolname = 'yimen_overseer') then
    create role yimen_overseer nologin;
  end if;
end $$;
grant yimen_reader, yimen_overseer to current_user;
do $$ begin
  execute format('grant usage on schema %I to yimen_reader, yimen_overseer', current_schema());
end $$;
grant select on entity, change, source_record, stream, source, reference, place_scope, identifier, feed_offset, run,
  run_count to yimen_reader, yimen_overseer;
grant select (id, stream_id, key, epoch, position, reason, field, message, status, run_id, at, replay_run, outcome,
  decided_at, decided_by, decided_why) on quarantine to yimen_overseer;

-- Read with the rights of their owner, past row-level security; ids, order and time only. change_order tells whether a
-- change that somebody may see is still the latest, though a later one lies outside his or her places.
create view change_order as select entity_id, seq, at, redirect_to from change;
create view redirected as select id, redirect_to from entity where status = 'REDIRECTED';
grant select on change_order, redirected to yimen_reader, yimen_overseer;

-- '(select …)' makes PostgreSQL read the setting once a query, not once a row.
alter table entity enable row level security;
create policy entity_everything on entity for select to yimen_overseer using (true);
create policy entity_scope on entity for select to yimen_reader using (
  exists (select from place_scope s
           where s.place = entity.place_id
             and s.ancestor = any ((select coalesce(nullif(current_setting('yimen.scope', true), ''), '{}')::bigint[])::bigint[]))
  -- the street, district and city above one's own places, for orientation
  or (entity_type = 'Place' and exists (
        select from place_scope s
         where s.ancestor = entity.id
           and s.place = any ((select coalesce(nullif(current_setting('yimen.scope', true), ''), '{}')::bigint[])::bigint[]))));

alter table change enable row level security;
create policy change_everything on change for select to yimen_overseer using (true);
create policy change_scope on change for select to yimen_reader using (
  exists (select from place_scope s
           where s.place = change.place_id
             and s.ancestor = any ((select coalesce(nullif(current_setting('yimen.scope', true), ''), '{}')::bigint[])::bigint[])));

alter table source_record enable row level security;
create policy source_record_everything on source_record for select to yimen_overseer using (true);
create policy source_record_scope on source_record for select to yimen_reader using (
  exists (select from entity e where e.id = source_record.entity_id));
