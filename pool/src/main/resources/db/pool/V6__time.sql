-- The change log in months, so that it stays fast and what is old can go; and where it begins.

-- The number and the time of the last change: asking a log of many months for it would ask every month.
create table change_head (
  single boolean primary key default true check (single),
  seq    bigint not null,
  at     timestamptz not null
);

drop view change_order;
alter table change rename to change_before;

create table change (
  seq         bigint not null,
  at          timestamptz not null, -- never before that of the change before
  entity_id   bigint not null,
  entity_type text not null,
  place_id    bigint,
  op          text not null,        -- CREATED | UPDATED | RETIRED | MERGED | SPLIT | RESTORED
  version     bigint not null,
  redirect_to bigint,               -- of MERGED: where the id now leads
  title       text not null,
  fields      jsonb not null,
  lineage     jsonb not null,
  run_id      bigint,
  cause       text,                 -- on whose word, where no run brought it: correction/7, decision/3, rules
  actor       text
) partition by range (at);

-- What comes in a month that was not made in time waits here; making the month takes it out.
create table change_default partition of change default;

-- Makes the months from one time to another, in UTC, where they are missing; tells how many it made. Readers and the
-- writer wait only while a month is attached.
create function change_months(first timestamptz, last timestamptz) returns int language plpgsql as $$
declare
  month date := date_trunc('month', first at time zone 'UTC');
  name text;
  begins timestamptz;
  ends timestamptz;
  made int := 0;
begin
  while month <= last at time zone 'UTC' loop
    name := 'change_' || to_char(month, 'YYYY_MM');
    if to_regclass('pool.' || name) is null then
      begins := month::timestamp at time zone 'UTC';
      ends := (month + interval '1 month') at time zone 'UTC';
      execute format('create table pool.%I (like pool.change including all)', name);
      execute format('with moved as (delete from pool.change_default where at >= %L and at < %L returning *)
                      insert into pool.%I select * from moved', begins, ends, name);
      execute format('alter table pool.change attach partition pool.%I for values from (%L) to (%L)', name, begins, ends);
      made := made + 1;
    end if;
    month := month + interval '1 month';
  end loop;
  return made;
end $$;
revoke execute on function change_months from public;

select change_months(min(at), greatest(max(at), now()) + interval '1 month') from change_before having count(*) > 0;

insert into change (seq, at, entity_id, entity_type, place_id, op, version, redirect_to, title, fields, lineage, run_id,
                    cause, actor)
select seq, max(at) over (order by seq), entity_id, entity_type, place_id, op, version, redirect_to, title, fields,
       lineage, run_id, cause, actor
  from change_before;

insert into change_head (seq, at) select coalesce(max(seq), 0), coalesce(max(at), '-infinity') from change_before;

drop table change_before;

alter table change add primary key (seq, at);
create index change_entity on change (entity_id, seq desc);
create index change_type on change (entity_type, seq);
-- How many there were: what began and ended since then.
create index change_life on change (entity_type, seq) include (op) where op <> 'UPDATED';
create index change_place on change (place_id, entity_type, seq);
-- A ledger as it stood, in the order of its titles.
create index change_title on change (entity_type, title, entity_id, seq);

-- Readers have no rights on the months themselves: they come by way of change, and so by its policies.
grant select on change, change_head to yimen_reader, yimen_overseer;

-- Read with the rights of their owner, past row-level security; ids, order and time only. change_order tells whether a
-- change that somebody may see is still the latest, though a later one lies outside his or her places.
create view change_order as select entity_id, entity_type, seq, at, op, redirect_to from change;
-- The last change of each record, so that the log need not be asked for what has not changed since.
create view last_change as select id, change_seq from entity;
grant select on change_order, last_change to yimen_reader, yimen_overseer;

alter table change enable row level security;
create policy change_everything on change for select to yimen_overseer using (true);
create policy change_scope on change for select to yimen_reader using (
  exists (select from place_scope s
           where s.place = change.place_id
             and s.ancestor = any ((select coalesce(nullif(current_setting('yimen.scope', true), ''), '{}')::bigint[])::bigint[])));

-- Up to where the log of a type was compacted: of what lies before, each record's last state is kept, and it is not
-- told any more how things stood earlier than that.
create table change_horizon (
  entity_type text primary key,
  at          timestamptz not null, -- as of an earlier instant nothing is answered
  seq         bigint not null,      -- the last change that was there then
  done        bigint not null,      -- up to here what is no longer kept has gone
  removed     bigint not null       -- changes, in all
);
grant select on change_horizon to yimen_reader, yimen_overseer;

-- A ledger as it was handed in. Its bytes are computed from the change log and proved by their hash; only where the log
-- is about to be compacted beyond it are its rows kept.
create table frozen_ledger (
  id          bigint generated always as identity primary key,
  entity_type text not null,
  place_id    bigint,               -- null: everything
  places      bigint[],             -- which places that meant when it was frozen; null: everything
  columns     text not null,        -- JSON: field, heading, what codes meant, whether in clear
  as_of       timestamptz not null,
  seq         bigint not null,      -- the last change that was there then
  valid_at    date,
  actor       text not null,
  reason      text not null,        -- sealed
  at          timestamptz not null,
  sha256      bytea not null,       -- of all its bytes
  entities    bigint[] not null,    -- whose rows it has, in their order
  kept        boolean not null      -- whether frozen_row has its rows
);

-- A row of a frozen ledger for which the log is no longer asked.
create table frozen_row (
  frozen_id bigint not null references frozen_ledger,
  number    int not null,
  entities  bigint[] not null,      -- whose row it is, and whom it names
  line      bytea not null,         -- sealed
  primary key (frozen_id, number)
);
create index frozen_row_entities on frozen_row using gin (entities);
