package io.yimen.pool;

import io.yimen.pool.claim.Claim;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.internal.CorrectionTable;
import io.yimen.pool.internal.DecisionTable;
import io.yimen.pool.internal.DeclaredStream;
import io.yimen.pool.internal.Failures;
import io.yimen.pool.internal.PackedClaim;
import io.yimen.pool.internal.RuleStore;
import io.yimen.pool.internal.StoredHash;
import io.yimen.pool.internal.Streams;
import io.yimen.pool.lineage.ContentHash;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import io.yimen.pool.survivorship.Golden;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.sql.DataSource;

/**
 * Derives the whole pool anew from its claims and compares the outcome with what is published, record by record. Reads
 * only, in one snapshot of the database; the derivation is held in memory.
 */
public final class Rebuild {
    private static final String SELECT_CLAIMS = """
            select stream_id, key, fields::text, flags::text, stated_at
              from pool.source_record
             where not deleted
            """;
    private static final int FETCH = 5000;

    private final DataSource dataSource;
    private final PoolModel model;
    private final Vault vault;

    /**
     * What came out.
     *
     * @param published content hash of what is published
     * @param derived content hash of what follows from the claims
     * @param entities number of live entities published
     * @param records number of live source records
     * @param differences one line each; without keys and values
     */
    public record Report(String published, String derived, long entities, long records, List<String> differences) {
        public Report {
            differences = List.copyOf(differences);
        }

        public boolean agrees() {
            return published.equals(derived) && differences.isEmpty();
        }
    }

    public Rebuild(DataSource dataSource, PoolModel model, Vault vault) {
        this.dataSource = dataSource;
        this.model = model;
        this.vault = vault;
    }

    /** Derives and compares. */
    public Report verify() {
        try (Connection db = dataSource.getConnection()) {
            db.setAutoCommit(false);
            db.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            db.setReadOnly(true);
            try {
                return verify(db);
            } finally {
                db.rollback();
                db.setReadOnly(false);
                db.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
                db.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw Failures.of("Could not derive the pool anew", e);
        }
    }

    private Report verify(Connection db) throws SQLException {
        Streams streams = Streams.load(db, model);
        List<Claim> claims = claims(db, streams);
        RuleStore rules = new RuleStore(db);
        Derived derived = Derived.of(
                model,
                vault,
                rules.survivorship(model, vault),
                rules.matchRules(),
                DecisionTable.inForce(db),
                CorrectionTable.inForce(db, model),
                streams.all(),
                claims);
        Map<String, Golden> expected = new HashMap<>();
        derived.goldens().forEach(g -> expected.put(g.anchor().path(), g));
        List<String> differences = new ArrayList<>();
        ContentHash published = new ContentHash();
        long[] entities = {0};
        StoredHash.forEach(db, entity -> {
            entities[0]++;
            published.add(entity.anchor(), entity.digest(), entity.references());
            Golden golden = expected.remove(entity.anchor());
            String name = entity.type() + " " + entity.id();
            if (golden == null) {
                differences.add(name + " is published, and the claims know nothing of it");
            } else if (!Arrays.equals(ContentHash.of(golden), entity.digest())) {
                differences.add(name + " is published otherwise than its claims say");
            } else if (!references(derived, golden).equals(entity.references())) {
                differences.add(name + " refers to others than its claims do");
            }
        });
        expected.values()
                .forEach(g ->
                        differences.add("A " + g.type() + " that a " + g.anchor() + " speaks of is not published"));
        return new Report(published.hex(), derived.contentHash(), entities[0], claims.size(), differences);
    }

    private static SortedMap<String, String> references(Derived derived, Golden golden) {
        SortedMap<String, String> references = new TreeMap<>();
        derived.referencesOf(golden)
                .forEach(
                        (field, target) -> references.put(field, target.anchor().path()));
        return references;
    }

    private static List<Claim> claims(Connection db, Streams streams) throws SQLException {
        List<Claim> claims = new ArrayList<>();
        try (PreparedStatement select = db.prepareStatement(SELECT_CLAIMS)) {
            select.setFetchSize(FETCH);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    DeclaredStream stream = streams.get(rows.getInt(1));
                    claims.add(new Claim(
                            new RecordRef(stream.id(), rows.getString(2)),
                            stream.trust(),
                            PackedClaim.readFields(rows.getString(3), stream.type()),
                            PackedClaim.readFlags(rows.getString(4)),
                            PackedClaim.readStatedAt(rows, 5)));
                }
            }
        }
        return claims;
    }

    /** The content hash of what is published. */
    public String hash() {
        try (Connection db = dataSource.getConnection()) {
            db.setAutoCommit(false);
            try {
                return StoredHash.of(db);
            } finally {
                db.rollback();
                db.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw Failures.of("Could not digest the pool", e);
        }
    }
}
