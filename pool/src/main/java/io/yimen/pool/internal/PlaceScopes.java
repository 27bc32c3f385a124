package io.yimen.pool.internal;

import java.util.Collection;

/** Table {@code place_scope}: every place with each place above it, itself included. */
final class PlaceScopes {
    // Sets, not bags: a circle of parents in a source ends the recursion instead of the pool.
    private static final String REFRESH = """
            with recursive below (id) as (
                select unnest(?::bigint[])
                union
                select r.entity_id
                  from below b
                  join pool.reference r on r.to_entity = b.id and r.field = ?
                  join pool.entity e on e.id = r.entity_id and e.entity_type = ?
            ), above (place, ancestor) as (
                select id, id from below
                union
                select a.place, r.to_entity
                  from above a join pool.reference r on r.entity_id = a.ancestor and r.field = ?
                 where r.to_entity is not null
            ), gone as (
                delete from pool.place_scope p
                 using below b
                 where p.place = b.id
                   and not exists (select from above a where a.place = p.place and a.ancestor = p.ancestor)
            )
            insert into pool.place_scope (ancestor, place)
            select ancestor, place from above
            on conflict do nothing
            """;

    // The one statement of a batch that joins sets with sets; everything else looks keys up.
    private static final String HASH_JOIN = """
            select set_config('enable_hashjoin', ?, true)
            """;

    private final Transaction tx;

    PlaceScopes(Transaction tx) {
        this.tx = tx;
    }

    /** Derives anew what stands above the given places and above all that is below them. */
    void refresh(Collection<Long> places, String type, String upward) {
        if (places.isEmpty()) {
            return;
        }
        hashJoin("on");
        tx.later(REFRESH, Sql.ids(places), Sql.text(upward), Sql.text(type), Sql.text(upward));
        hashJoin("off");
    }

    private void hashJoin(String onOrOff) {
        tx.later(HASH_JOIN, Sql.text(onOrOff));
    }
}
