package io.yimen.hub;

import io.yimen.hub.config.HubConfig;
import io.yimen.hub.correction.CorrectionConfig;
import io.yimen.hub.correction.Writable;
import io.yimen.hub.erasure.ErasureConfig;
import io.yimen.hub.operations.RecordReading;
import io.yimen.pool.PostgresPool;
import io.yimen.pool.account.Accounts;
import io.yimen.pool.approval.Approvals;
import io.yimen.pool.audit.Audit;
import io.yimen.pool.change.Compaction;
import io.yimen.pool.correction.Corrections;
import io.yimen.pool.correction.Policy;
import io.yimen.pool.correction.Uploads;
import io.yimen.pool.correction.WriteBacks;
import io.yimen.pool.erasure.Dossiers;
import io.yimen.pool.erasure.ErasurePolicy;
import io.yimen.pool.erasure.Erasures;
import io.yimen.pool.ledger.Changes;
import io.yimen.pool.ledger.Differences;
import io.yimen.pool.ledger.FrozenLedgers;
import io.yimen.pool.ledger.History;
import io.yimen.pool.ledger.Ledgers;
import io.yimen.pool.ledger.Quality;
import io.yimen.pool.ledger.Quarantine;
import io.yimen.pool.ledger.Runs;
import io.yimen.pool.ledger.ScopedReads;
import io.yimen.pool.ledger.Summaries;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import io.yimen.pool.steward.RuleBook;
import io.yimen.pool.steward.Stewardship;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.time.Clock;

/** Builds the pool's parts, which know nothing of a container. */
public final class Parts {
    @Produces
    @Singleton
    Clock clock() {
        return Clock.systemUTC();
    }

    @Produces
    @Singleton
    PoolModel model() {
        return PoolModel.standard();
    }

    @Produces
    @Singleton
    Vault vault(HubConfig config) {
        HubConfig.Vault vault = config.vault();
        return vault.create() ? Vault.loadOrCreate(vault.keyFile()) : Vault.load(vault.keyFile());
    }

    /** Opens the pool: creates or upgrades its tables, begins to read its records. Not before the database is there. */
    @Produces
    @Singleton
    PostgresPool pool(Databases databases, PoolModel model, Vault vault, Clock clock) {
        PostgresPool pool = new PostgresPool(databases.applying(), model, vault, clock);
        RecordReading.start(pool);
        return pool;
    }

    @Produces
    @Singleton
    Stewardship stewardship(PostgresPool pool, ScopedReads reads) {
        return pool.stewardship(reads);
    }

    @Produces
    @Singleton
    Policy policy(HubConfig config, PoolModel model, Writable writable) {
        return CorrectionConfig.policy(config, model, writable);
    }

    @Produces
    @Singleton
    WriteBacks writeBacks(PostgresPool pool, ScopedReads reads, Policy policy) {
        return pool.writeBacks(reads, policy);
    }

    @Produces
    @Singleton
    Corrections corrections(PostgresPool pool, ScopedReads reads, Policy policy) {
        return pool.corrections(reads, policy);
    }

    @Produces
    @Singleton
    Uploads uploads(PostgresPool pool, ScopedReads reads, Policy policy) {
        return pool.uploads(reads, policy);
    }

    @Produces
    @Singleton
    ErasurePolicy erasurePolicy(HubConfig config, PoolModel model) {
        return ErasureConfig.policy(config, model);
    }

    @Produces
    @Singleton
    Quality quality(ScopedReads reads, Clock clock) {
        return new Quality(reads, clock);
    }

    @Produces
    @Singleton
    Erasures erasures(PostgresPool pool, ScopedReads reads, ErasurePolicy policy) {
        return pool.erasures(reads, policy);
    }

    @Produces
    @Singleton
    Dossiers dossiers(ScopedReads reads, ErasurePolicy policy, Clock clock) {
        return new Dossiers(reads, policy.rules(), clock);
    }

    @Produces
    @Singleton
    RuleBook ruleBook(PostgresPool pool) {
        return pool.ruleBook();
    }

    @Produces
    @Singleton
    Audit audit(Databases databases, Clock clock) {
        return new Audit(databases.serving(), clock);
    }

    @Produces
    @Singleton
    Approvals approvals(Databases databases, Audit audit) {
        return new Approvals(databases.serving(), audit);
    }

    @Produces
    @Singleton
    Accounts accounts(Databases databases, Audit audit, Clock clock, HubConfig config) {
        return new Accounts(
                databases.serving(),
                audit,
                clock,
                new SecureRandom(),
                config.session().lifetime());
    }

    @Produces
    @Singleton
    ScopedReads reads(Databases databases, PoolModel model, Vault vault, Audit audit) {
        return new ScopedReads(databases.reading(), model, vault, audit);
    }

    @Produces
    @Singleton
    Ledgers ledgers(ScopedReads reads) {
        return new Ledgers(reads);
    }

    @Produces
    @Singleton
    History history(ScopedReads reads) {
        return new History(reads);
    }

    @Produces
    @Singleton
    Differences differences(ScopedReads reads) {
        return new Differences(reads);
    }

    @Produces
    @Singleton
    FrozenLedgers frozenLedgers(ScopedReads reads, Clock clock) {
        return new FrozenLedgers(reads, clock);
    }

    @Produces
    @Singleton
    Compaction compaction(PostgresPool pool) {
        return pool.compaction();
    }

    @Produces
    @Singleton
    Changes changes(ScopedReads reads) {
        return new Changes(reads);
    }

    @Produces
    @Singleton
    Runs runs(ScopedReads reads) {
        return new Runs(reads);
    }

    @Produces
    @Singleton
    Quarantine quarantine(ScopedReads reads) {
        return new Quarantine(reads);
    }

    @Produces
    @Singleton
    Summaries summaries(ScopedReads reads) {
        return new Summaries(reads);
    }
}
