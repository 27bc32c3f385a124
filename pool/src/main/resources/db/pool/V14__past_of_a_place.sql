-- What a place held at an instant is told by an index alone: which change of each record is looked for, its order and
-- its title, without a look at the rows of the log, which lie far apart.
drop index change_place;
create index change_place on change (place_id, entity_type, seq) include (entity_id, version, op, at, title);
