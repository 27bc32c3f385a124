-- What was erased, and what keeps it away.

-- A request to erase somebody, and what became of it. Once it is done nothing of it says who that was: the entity stays
-- as an id of status ERASED, in its place, without title, values and lineage.
create table erasure (
  id           bigint generated always as identity primary key,
  entity_id    bigint not null,
  entity_type  text not null,
  place_id     bigint,
  ground       text not null,       -- code of the legal ground
  reason       text,                -- sealed; gone once it is done, for it may name somebody
  state        text not null,       -- REQUESTED | WITHDRAWN | DONE | LIFTED
  extent       text,                -- of DONE: WHOLE | PARTIAL
  kept         text[],              -- of PARTIAL: the fields that a law says to keep
  holds        text[],              -- codes of the rules that say so
  counts       jsonb,               -- of DONE: store → how many rows went
  requested_by text not null,
  requested_at timestamptz not null,
  decided_by   text,
  decided_at   timestamptz,
  lifted_by    text,
  lifted_at    timestamptz
);
create unique index erasure_requested on erasure (entity_id) where state = 'REQUESTED';

-- Keyed digests of the names of source records, and of identifiers, that are not to come back. Nothing can be read off
-- them; whether something is among them can be asked only with the vault's key.
create table tombstone (
  digest     text primary key,
  erasure_id bigint not null references erasure,
  keeps      text[]                 -- fields that are let through all the same; null: nothing is
);
create index tombstone_erasure on tombstone (erasure_id);

-- Observations that a tombstone kept away: read = applied + unchanged + stale + quarantined + withheld.
alter table run_count add column withheld bigint not null default 0;

-- Counts the transactions that changed the tombstones, so that a process may keep them in memory.
alter table identity_state add column erasures bigint not null default 0;

grant select on erasure to yimen_reader, yimen_overseer;
alter table erasure enable row level security;
create policy erasure_everything on erasure for select to yimen_overseer using (true);
create policy erasure_scope on erasure for select to yimen_reader using (
  exists (select from place_scope s
           where s.place = erasure.place_id
             and s.ancestor = any ((select coalesce(nullif(current_setting('yimen.scope', true), ''), '{}')::bigint[])::bigint[])));
