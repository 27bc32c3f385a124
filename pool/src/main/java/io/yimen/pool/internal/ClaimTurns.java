package io.yimen.pool.internal;

import io.yimen.pool.claim.RecordRef;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Table {@code claim_turn}: of which records transactions spoke, so that another process reads these again and no
 * others. Turns are known by how many records were spoken of until then.
 */
final class ClaimTurns {
    /** Records that a process may be behind without having to read everything. */
    static final int KEPT = 1_000_000;
    /** Records after which what is older than that is thrown away. */
    private static final int TIDY = 1 << 16;

    private static final String TELL = """
            with state as (update pool.identity_state set claims = claims + ? returning claims)
            insert into pool.claim_turn (turn, stream_id, key) select claims, ?::int[], ?::text[] from state
            """;
    private static final String FORGET = "delete from pool.claim_turn where turn <= ?";
    private static final String SELECT = """
            select stream_id, key from pool.claim_turn where turn > ?
            """;

    private ClaimTurns() {}

    /**
     * The transaction speaks of these records.
     *
     * @param before how many were spoken of until now
     */
    static void tell(Transaction tx, long before, Collection<RecordRef> refs) {
        Sql.Ints streams = new Sql.Ints();
        Sql.Texts keys = new Sql.Texts();
        for (RecordRef ref : refs) {
            streams.add(tx.streams().number(ref.stream()));
            keys.add(ref.key());
        }
        tx.later(TELL, Sql.number(refs.size()), streams, keys);
        if (before / TIDY != (before + refs.size()) / TIDY) {
            tx.later(FORGET, Sql.number(before - KEPT));
        }
    }

    /**
     * The records that were spoken of between two turns, each as often as that happened.
     *
     * @return none where that is not known: everything is to be read
     */
    static Optional<List<RecordRef>> between(Connection db, Streams streams, long from, long to) throws SQLException {
        if (from < 0 || to - from > KEPT) {
            return Optional.empty();
        }
        List<RecordRef> refs = new ArrayList<>();
        try (PreparedStatement select = db.prepareStatement(SELECT)) {
            select.setLong(1, from);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    Integer[] numbers = (Integer[]) row.getArray(1).getArray();
                    String[] keys = (String[]) row.getArray(2).getArray();
                    for (int i = 0; i < keys.length; i++) {
                        DeclaredStream stream = streams.find(numbers[i]);
                        if (stream == null) {
                            return Optional.empty();
                        }
                        refs.add(new RecordRef(stream.id(), keys[i]));
                    }
                }
            }
        }
        return refs.size() == to - from ? Optional.of(refs) : Optional.empty();
    }
}
