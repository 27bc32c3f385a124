-- When a record last changed, as its source says: part of the claim, and what recency goes by. Null where the source does
-- not say. In the packed claim a field that was withdrawn stands as null; one that was never observed is absent.
alter table source_record add column stated_at timestamptz;
