-- What people put right, what became of it, and what the owners of the systems that were wrong were told.

create table correction (
  id          bigint generated always as identity primary key,
  entity_type text not null,
  field       text not null,
  value       text not null,        -- empty: there is nothing; sealed where the field is sensitive
  base        text not null,        -- what was published when it was made, likewise
  known       text[] not null,      -- what the sources said, likewise: these stand aside for it
  state       text not null,        -- PROPOSED | REJECTED | STANDING | IN_CONFLICT | RETIRED
  ended       text,                 -- of RETIRED: AGREED | WITHDRAWN | EXPIRED | SUPERSEDED | SOURCE_KEPT
  level       text not null,        -- who may accept it: SELF | STREET | OWNER
  source      text,                 -- whose value was published; null where nobody's was
  against     text,                 -- of IN_CONFLICT: JSON, [[stream id, key], …] that say something unknown to it
  actor       text not null,
  at          timestamptz not null,
  reason      text not null,        -- sealed
  expires_on  date,
  ended_at    timestamptz
);
create index correction_state on correction (state, id desc);
create index correction_expiry on correction (expires_on) where expires_on is not null;

-- The source records that it speaks of, the one whose value was published first.
create table correction_record (
  correction_id bigint not null references correction,
  rank          int not null,
  stream_id     int not null,
  key           text not null,
  primary key (correction_id, rank)
);
create index correction_record_record on correction_record (stream_id, key);

create table correction_event (
  id            bigint generated always as identity primary key,
  correction_id bigint not null references correction,
  at            timestamptz not null,
  actor         text not null,      -- yimen: the pool itself
  what          text not null,      -- PROPOSED | ACCEPTED | REJECTED | IN_CONFLICT | STANDING | UPHELD | AGREED | …
  reason        text                -- sealed
);
create index correction_event_correction on correction_event (correction_id, id);

create table evidence (
  correction_id bigint not null references correction,
  number        int not null,
  name          text not null,      -- sealed
  media_type    text not null,
  size          int not null,
  content       bytea not null,     -- sealed
  actor         text not null,
  at            timestamptz not null,
  primary key (correction_id, number)
);

-- One for every source record that said otherwise when a correction was accepted or upheld.
create table ticket (
  id            bigint generated always as identity primary key,
  correction_id bigint not null references correction,
  stream_id     int not null references stream,
  key           text not null,
  state         text not null,      -- SENT | ACCEPTED | REFUSED | ESCALATED | FIXED | GONE | CANCELLED
  opened_at     timestamptz not null,
  due_on        date not null,
  answered_by   text,
  answered_at   timestamptz,
  answer        text,               -- sealed
  closed_at     timestamptz,
  unique (correction_id, stream_id, key)
);
create index ticket_open on ticket (due_on, id) where closed_at is null;
create index ticket_stream on ticket (stream_id, id desc);

-- On whose word something changed that no run brought: correction/7, decision/3, rules.
alter table change add column cause text;
alter table change add column actor text;

-- How many corrections stand: none is the common case, and then nothing is looked up.
alter table identity_state add column corrections bigint not null default 0;

grant select on correction, correction_record, correction_event, ticket to yimen_reader, yimen_overseer;
grant select (correction_id, number, name, media_type, size, actor, at) on evidence to yimen_reader, yimen_overseer;

-- Seen by who may see a source record that it speaks of.
alter table correction_record enable row level security;
create policy correction_record_everything on correction_record for select to yimen_overseer using (true);
create policy correction_record_scope on correction_record for select to yimen_reader using (
  exists (select from source_record s
           where s.stream_id = correction_record.stream_id and s.key = correction_record.key));

alter table correction enable row level security;
create policy correction_everything on correction for select to yimen_overseer using (true);
create policy correction_scope on correction for select to yimen_reader using (
  exists (select from correction_record r where r.correction_id = correction.id));

alter table correction_event enable row level security;
create policy correction_event_everything on correction_event for select to yimen_overseer using (true);
create policy correction_event_scope on correction_event for select to yimen_reader using (
  exists (select from correction_record r where r.correction_id = correction_event.correction_id));

alter table evidence enable row level security;
create policy evidence_everything on evidence for select to yimen_overseer using (true);
create policy evidence_scope on evidence for select to yimen_reader using (
  exists (select from correction_record r where r.correction_id = evidence.correction_id));

alter table ticket enable row level security;
create policy ticket_everything on ticket for select to yimen_overseer using (true);
create policy ticket_scope on ticket for select to yimen_reader using (
  exists (select from correction_record r where r.correction_id = ticket.correction_id));
