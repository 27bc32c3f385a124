package io.yimen.pool.ledger;

import io.yimen.pool.PostgresPool;
import io.yimen.pool.SourceInfo;
import io.yimen.pool.TestClock;
import io.yimen.pool.TestDatabase;
import io.yimen.pool.audit.Audit;
import io.yimen.pool.claim.Batch;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.DeletePolicy;
import io.yimen.pool.claim.Flag;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.claim.StreamShape;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.run.ApplyResult;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Two districts with a town each and two communities in each town, in a pool that is fed the way connectors feed it.
 * East: 东花市 with 广渠门 (E1) and 忠实里 (E2); west: 展览路 with 百万庄 (W1) and 车公庄 (W2).
 */
final class Community {
    static final String CITY = "110000000000";
    static final String EAST = "110101000000";
    static final String EAST_TOWN = "110101001000";
    static final String E1 = "110101001001";
    static final String E2 = "110101001002";
    static final String WEST = "110102000000";
    static final String WEST_TOWN = "110102001000";
    static final String W1 = "110102001001";
    static final String W2 = "110102001002";

    static final StreamShape PLACES = new StreamShape(
            new StreamId("divisions", "place"),
            "Place",
            List.of("name", "level", "code", "edition", "parent", "county", "town"),
            60,
            true,
            DeletePolicy.FULL_SET);
    static final StreamShape COMMITTEES = new StreamShape(
            new StreamId("election", "committee"),
            "Organization",
            List.of("name", "kind", "divisionCode", "place", "phone"),
            50,
            true,
            DeletePolicy.LOG);
    static final StreamShape MEMBERS = new StreamShape(
            new StreamId("election", "member-person"),
            "Person",
            List.of("name", "idNumber", "sex", "phone", "place"),
            50,
            false,
            DeletePolicy.LOG);
    static final StreamShape MEMBERSHIPS = new StreamShape(
            new StreamId("election", "membership"),
            "Membership",
            List.of("person", "organization", "post", "status", "place"),
            50,
            true,
            DeletePolicy.LOG);
    static final StreamShape CREDIT_CODES = new StreamShape(
            new StreamId("credit-codes", "organization"),
            "Organization",
            List.of("name", "creditCode", "divisionCode", "phone"),
            70,
            true,
            DeletePolicy.FULL_SET);
    static final StreamShape RESIDENTS = new StreamShape(
            new StreamId("residents", "person"),
            "Person",
            List.of("name", "idNumber", "phone", "place"),
            80,
            true,
            DeletePolicy.LOG);

    final TestClock clock = new TestClock();
    final DataSource dataSource = TestDatabase.migrated();
    final PoolModel model = PoolModel.standard();
    final PostgresPool pool = new PostgresPool(dataSource, model, TestDatabase.VAULT, clock);
    final ScopedReads reads = new ScopedReads(dataSource, model, TestDatabase.VAULT, new Audit(dataSource, clock));
    final Ledgers ledgers = new Ledgers(reads);
    final History history = new History(reads);
    final Changes changes = new Changes(reads);
    final Runs runs = new Runs(reads);
    final Quarantine quarantine = new Quarantine(reads);
    final Summaries summaries = new Summaries(reads);

    private long position;

    Community() {
        pool.declare(new SourceInfo("divisions", "行政区划", "Divisions", "民政局"), List.of(PLACES));
        pool.declare(
                new SourceInfo("election", "换届选举系统", "Elections", "民政局"), List.of(COMMITTEES, MEMBERS, MEMBERSHIPS));
        pool.declare(new SourceInfo("credit-codes", "社会信用代码", "Credit codes", "市监局"), List.of(CREDIT_CODES));
        pool.declare(new SourceInfo("residents", "人口库", "Residents", "公安局"), List.of(RESIDENTS));
        apply(
                "divisions",
                place(CITY, "北京市", "city", null),
                place(EAST, "东城区", "county", CITY),
                place(EAST_TOWN, "东花市街道", "town", EAST),
                place(E1, "广渠门社区", "village", EAST_TOWN),
                place(E2, "忠实里社区", "village", EAST_TOWN),
                place(WEST, "西城区", "county", CITY),
                place(WEST_TOWN, "展览路街道", "town", WEST),
                place(W1, "百万庄社区", "village", WEST_TOWN),
                place(W2, "车公庄社区", "village", WEST_TOWN));
        apply(
                "election",
                committee("1", "广渠门社区居委会", E1),
                committee("2", "忠实里社区居委会", E2),
                committee("3", "百万庄社区居委会", W1),
                committee("4", "车公庄社区居委会", W2));
    }

    ChangeEvent place(String code, String name, String level, @Nullable String parent) {
        return event(PLACES, code, name, level, code, "2023", parent == null ? null : at(parent), null, null);
    }

    ChangeEvent committee(String key, String name, String place) {
        return event(COMMITTEES, key, name, "JWH", place, at(place), "0106525" + "000" + key);
    }

    ChangeEvent member(String key, String name, @Nullable String idNumber, @Nullable String phone, String place) {
        return event(MEMBERS, key, name, idNumber, "2", phone, at(place));
    }

    ChangeEvent resident(String key, String name, @Nullable String idNumber, @Nullable String phone, String place) {
        return event(RESIDENTS, key, name, idNumber, phone, at(place));
    }

    ChangeEvent membership(String key, String member, String committee, String post, String place) {
        return event(
                MEMBERSHIPS,
                key,
                "record:election/member-person/" + member,
                "record:election/committee/" + committee,
                post,
                "SERVING",
                at(place));
    }

    ChangeEvent creditCode(String code, String name, String place, String phone, Flag... flags) {
        return ChangeEvent.upserted(
                CREDIT_CODES, code, next(), new @Nullable String[] {name, code, place, phone}, List.of(flags));
    }

    ChangeEvent gone(StreamShape stream, String key) {
        return ChangeEvent.deleted(stream, key, next());
    }

    private ChangeEvent event(StreamShape stream, String key, @Nullable String... values) {
        return ChangeEvent.upserted(stream, key, next(), values, List.of());
    }

    /** What a source says that states the time of the change. */
    ChangeEvent stated(StreamShape stream, String key, String at, @Nullable String... values) {
        return ChangeEvent.upserted(stream, key, next(), values, List.of(), Instant.parse(at));
    }

    private Position next() {
        return Position.of(++position);
    }

    private static String at(String code) {
        return "place-code:2023|" + code;
    }

    /** Applies events in a run of their own and moves the clock on by a minute. */
    ApplyResult apply(String source, ChangeEvent... events) {
        return apply(source, List.of(events), List.of());
    }

    ApplyResult apply(String source, List<ChangeEvent> events, List<Rejected> rejected) {
        clock.advance(Duration.ofMinutes(1));
        long run = pool.openRun(source, source, "stream", OptionalLong.empty());
        return pool.apply(new Batch(run, source, "offset " + position, events, rejected, List.of()));
    }

    Rejected rejected(StreamShape stream, String key, String raw) {
        return new Rejected(
                stream.id(),
                key,
                next(),
                "invalid-id-number",
                "sfzh",
                "The ID number is not one: correct it at its source",
                raw.getBytes(StandardCharsets.UTF_8));
    }

    Instant now() {
        return clock.instant();
    }

    long id(StreamShape stream, String key) {
        return Long.parseLong(TestDatabase.text(
                dataSource,
                "select entity_id from pool.source_record r join pool.stream s on s.id = r.stream_id where s.source = '"
                        + stream.id().source() + "' and s.stream = '"
                        + stream.id().stream() + "' and r.key = '" + key + "'"));
    }

    long placeId(String code) {
        return id(PLACES, code);
    }

    Scope scope(String actor, String... codes) {
        return new Scope(actor, Arrays.stream(codes).map(this::placeId).toList(), false);
    }

    static Scope all() {
        return Scope.everything("overseer");
    }

    List<String> titles(RecordPage page) {
        return page.records().stream().map(LedgerRecord::title).toList();
    }
}
