-- What people decide about identity, what waits for them, and the versions of the rules.

-- The rules in force and those before; a change is a new version.
create table rule_set (
  kind        text not null,        -- MATCH | SURVIVORSHIP
  entity_type text not null,
  version     int not null,
  document    text not null,        -- YAML
  weights     text,                 -- of MATCH: what was learned for it, JSON
  learned     text not null default '',
  status      text not null,        -- ACTIVE | RETIRED
  actor       text not null,
  note        text not null,
  at          timestamptz not null,
  primary key (kind, entity_type, version)
);
create unique index rule_set_active on rule_set (kind, entity_type) where status = 'ACTIVE';

-- A decision speaks of source records, not of entities, and so holds whatever becomes of their ids.
create table decision (
  id               bigint generated always as identity primary key,
  entity_type      text not null,
  action           text not null,   -- MERGE | SPLIT | LINK | UNLINK | NOT_DUPLICATE
  actor            text not null,
  at               timestamptz not null,
  reason           text not null,   -- sealed: it may name people
  strongest        real not null,   -- bits: what spoke most for what it keeps apart, when it was made
  weakest          real not null,   -- bits: what spoke most against what it joins, when it was made
  withdrawn_by     text,
  withdrawn_at     timestamptz,
  withdrawn_reason text             -- sealed
);
create table decision_record (
  decision_id bigint not null references decision,
  side        text not null,        -- SAME | LEFT | RIGHT
  stream_id   int not null,
  key         text not null,
  primary key (decision_id, side, stream_id, key)
);
create index decision_record_record on decision_record (stream_id, key);

-- Pairs of entities that wait for a person; derived with them. Of a challenged merger both sides are the same entity.
create table review (
  left_id     bigint not null,
  right_id    bigint not null,
  entity_type text not null,
  kind        text not null,        -- POSSIBLE_DUPLICATE | CHALLENGED
  weight      real not null,        -- bits of the strongest pair of source records
  effect      int not null,         -- source records of both and records that refer to either
  decision_id bigint,
  opened_at   timestamptz not null,
  primary key (left_id, right_id)
);
create index review_right on review (right_id);
create index review_weight on review (weight desc, left_id, right_id);
create index review_effect on review (effect desc, left_id, right_id);

-- Counts the transactions that changed what a process may keep in memory. One row.
create table identity_state (
  single   boolean primary key default true check (single),
  claims   bigint not null default 0,
  rulings  bigint not null default 0,
  rules    bigint not null default 0
);
insert into identity_state default values;

grant select on rule_set, decision, decision_record, review to yimen_reader, yimen_overseer;

-- A pair is seen by who may see both sides; a decision by who may see a record that it speaks of.
alter table review enable row level security;
create policy review_everything on review for select to yimen_overseer using (true);
create policy review_scope on review for select to yimen_reader using (
  exists (select from entity e where e.id = review.left_id) and exists (select from entity e where e.id = review.right_id));

alter table decision_record enable row level security;
create policy decision_record_everything on decision_record for select to yimen_overseer using (true);
create policy decision_record_scope on decision_record for select to yimen_reader using (
  exists (select from source_record s
           where s.stream_id = decision_record.stream_id and s.key = decision_record.key));

alter table decision enable row level security;
create policy decision_everything on decision for select to yimen_overseer using (true);
create policy decision_scope on decision for select to yimen_reader using (
  exists (select from decision_record d where d.decision_id = decision.id));
