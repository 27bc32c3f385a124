-- Corrections that came in a spreadsheet: its rows as they were typed, until they are applied or given up. Nobody but
-- who uploaded them sees them: no role of readers may select here, and every statement names the actor.
create table correction_upload (
  id          bigint generated always as identity primary key,
  entity_type text not null,
  file_name   text not null,        -- sealed: people write names into it
  fields      text[] not null,      -- of the columns, in order
  actor       text not null,
  state       text not null,        -- READING | READY | APPLYING | APPLIED | REFUSED
  message     text,                 -- of REFUSED: why; never a value
  rows        int not null default 0,
  pending     int not null default 0,  -- rows that would change something
  faulty      int not null default 0,
  applied     int not null default 0,
  corrections int not null default 0,  -- made so far
  at          timestamptz not null,
  updated_at  timestamptz not null  -- when it last moved
);
create index correction_upload_actor on correction_upload (actor, id desc);

create table correction_upload_row (
  upload_id   bigint not null references correction_upload on delete cascade,
  number      int not null,         -- of the row in the sheet
  entity_id   bigint,               -- null where the row names none
  version     bigint,
  state       text not null,        -- CHANGES | NOTHING | FAULTY | APPLIED
  typed       text,                 -- sealed: its cells; null once it is applied
  changes     text,                 -- sealed: [[field, from as it is shown, to], …]; likewise
  faults      text,                 -- [[column, cell, code, message], …]; never a value
  primary key (upload_id, number)
);
create index correction_upload_row_state on correction_upload_row (upload_id, state, number);
create index correction_upload_row_entity on correction_upload_row (entity_id, upload_id);

-- Which system's tickets were written to a file on which day: a file that was fetched is not written again.
create table ticket_file (
  source text not null,
  day    date not null,
  primary key (source, day)
);

alter table correction_upload enable row level security;
alter table correction_upload_row enable row level security;
alter table ticket_file enable row level security;
