-- Types whose records everybody sees are named in yimen.everyone, which is set with the scope and empty without it: what
-- forgets it sees by places alone.
drop policy entity_scope on entity;
create policy entity_scope on entity for select to yimen_reader using (
  exists (select from place_scope s
           where s.place = entity.place_id
             and s.ancestor = any ((select coalesce(nullif(current_setting('yimen.scope', true), ''), '{}')::bigint[])::bigint[]))
  or entity_type = any ((select coalesce(nullif(current_setting('yimen.everyone', true), ''), '{}')::text[])::text[])
  -- the street, district and city above one's own places, for orientation
  or (entity_type = 'Place' and exists (
        select from place_scope s
         where s.ancestor = entity.id
           and s.place = any ((select coalesce(nullif(current_setting('yimen.scope', true), ''), '{}')::bigint[])::bigint[]))));

drop policy change_scope on change;
create policy change_scope on change for select to yimen_reader using (
  exists (select from place_scope s
           where s.place = change.place_id
             and s.ancestor = any ((select coalesce(nullif(current_setting('yimen.scope', true), ''), '{}')::bigint[])::bigint[]))
  or entity_type = any ((select coalesce(nullif(current_setting('yimen.everyone', true), ''), '{}')::text[])::text[]));

-- What was handed in before goes by places alone, so that its bytes stay the same.
alter table frozen_ledger add column everyone text[] not null default '{}'; -- which types everybody saw then
