-- What a connector may read and where it may go, as somebody approved it. Of a system the newest counts; the ones before
-- stay, to tell what was approved when.
create table connector_approval (
  id          bigint generated always as identity primary key,
  source      text not null,
  owner       text not null,          -- the office that owns the system
  fields      jsonb not null,         -- by stream: field to purpose
  addresses   text[] not null,        -- host:port or folder that it may reach
  until       timestamptz,            -- null: until it is replaced
  approved_by text not null,
  approved_at timestamptz not null
);
create index connector_approval_source on connector_approval (source, id desc);

grant select on connector_approval to yimen_overseer;

alter table connector_approval enable row level security;
create policy connector_approval_everything on connector_approval for select to yimen_overseer using (true);
