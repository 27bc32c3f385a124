-- Lineage is packed by origin: [[stream id, key, rule, "field field …"(, [flag codes])], …]. What was written before
-- stays as it is: field → [stream id, key, rule(, [flag codes])]. Whoever reads it in SQL goes by these.

-- Where each field comes from.
create function lineage_origins(lineage jsonb) returns table (field text, stream_id int, key text)
  language sql immutable parallel safe as $$
  select o.key, (o.value ->> 0)::int, o.value ->> 1
    from jsonb_each(case jsonb_typeof(lineage) when 'object' then lineage else '{}' end) o
  union all
  select f.name, (o.value ->> 0)::int, o.value ->> 1
    from jsonb_array_elements(case jsonb_typeof(lineage) when 'array' then lineage else '[]' end) o
   cross join lateral string_to_table(o.value ->> 3, ' ') f (name)
$$;

-- A lineage that no longer tells of the given fields.
create function lineage_without(lineage jsonb, names text[]) returns jsonb
  language sql immutable parallel safe as $$
  select case jsonb_typeof(lineage)
         when 'array' then (
           select coalesce(jsonb_agg(jsonb_set(o.value, '{3}', to_jsonb(l.names)) order by o.place), '[]')
             from jsonb_array_elements(lineage) with ordinality o (value, place)
            cross join lateral (select string_agg(f.name, ' ' order by f.place) as names
                                  from string_to_table(o.value ->> 3, ' ') with ordinality f (name, place)
                                 where f.name <> all ($2)) l
            where l.names is not null)
         else lineage - $2 end
$$;
