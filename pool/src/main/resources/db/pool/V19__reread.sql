-- Wishes that streams of a source be read again from their beginning. One is taken in the transaction that stores where
-- the source is to be read because of it: a crash neither loses nor doubles it.
create table reread (
  id       bigint generated always as identity primary key,
  source   text not null,
  streams  text[] not null,
  asked_by text not null,
  asked_at timestamptz not null,
  taken_at timestamptz,             -- null: it waits
  run_id   bigint                   -- the run that begins with it
);
create index reread_waiting on reread (id) where taken_at is null;

grant select on reread to yimen_overseer;

alter table reread enable row level security;
create policy reread_everything on reread for select to yimen_overseer using (true);
