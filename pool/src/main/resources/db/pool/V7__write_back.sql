-- What Yimen itself puts right in systems that take it. No values: what is right stands in the correction, what the
-- system says in its source record.

create table write_back (
  ticket_id  bigint primary key references ticket on delete cascade,
  state      text not null,         -- WAITING | WRITING | WRITTEN | REFUSED
  attempts   int not null default 0,
  next_at    timestamptz not null,  -- when it is tried next; of WRITING, when it is taken for lost
  written_at timestamptz,
  refusal    text,                  -- why the system does not take it, a code
  echo_at    timestamptz,           -- when the record changed by its own account, as it told of what was written
  stated_at  timestamptz            -- the same before: what is written states nothing anew
);
create index write_back_due on write_back (next_at) where state in ('WAITING', 'WRITING');

-- How many there ever were: none is the common case, and then no batch looks for them.
alter table identity_state add column writes bigint not null default 0;

grant select on write_back to yimen_reader, yimen_overseer;

alter table write_back enable row level security;
create policy write_back_everything on write_back for select to yimen_overseer using (true);
create policy write_back_scope on write_back for select to yimen_reader using (
  exists (select from ticket t where t.id = write_back.ticket_id));
