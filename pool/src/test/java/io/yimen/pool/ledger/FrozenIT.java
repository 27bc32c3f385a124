package io.yimen.pool.ledger;

import static io.yimen.pool.ledger.Community.E1;
import static io.yimen.pool.ledger.Community.EAST_TOWN;
import static io.yimen.pool.ledger.Community.W1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.yimen.pool.PoolException;
import io.yimen.pool.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What was handed in is given again byte for byte, or it is said why not. */
class FrozenIT {
    private static final String ID = "110101194901010013";

    private final Community community = new Community();
    private final FrozenLedgers frozen = new FrozenLedgers(community.reads, community.clock);
    private Scope worker = Community.all();
    private Instant then = Instant.EPOCH;

    @BeforeEach
    void feed() {
        community.apply(
                "election",
                community.member("1", "=SUM(A1),\"王芳\"", ID, "13800000001", E1),
                community.member("2", "李强", null, null, E1),
                community.member("3", "赵敏", null, null, W1));
        worker = community.scope("worker", E1);
        then = community.now();
        community.apply("election", community.membership("9", "1", "1", "CHAIR", E1));
    }

    private FrozenLedger.Request persons(@Nullable Long place, boolean clear, @Nullable String purpose) {
        return new FrozenLedger.Request(
                "Person", place, List.of("name", "sex", "idNumber", "place"), clear, purpose, then, null, "半年报");
    }

    private static String text(FrozenLedger.Content content) {
        return new String(content.bytes(), StandardCharsets.UTF_8);
    }

    @Test
    void givesTheSameBytesWhateverHappenedSince() {
        FrozenLedger made = frozen.freeze(worker, persons(community.placeId(E1), false, null));
        byte[] first = frozen.content(worker, made.id(), null, false).bytes();
        assertThat(new String(first, StandardCharsets.UTF_8))
                .startsWith("\uFEFF编号,姓名,性别,公民身份号码,所在社区村\r\n")
                .contains("\"'=SUM(A1),\"\"王芳\"\"\",女,110*************13,广渠门社区\r\n")
                .contains(",李强,女,,广渠门社区\r\n")
                .doesNotContain("赵敏");
        assertThat(made.rows()).isEqualTo(2);

        community.apply(
                "election",
                community.member("1", "王芬", ID, null, W1),
                community.gone(Community.MEMBERS, "2"),
                community.member("5", "新来", null, null, E1));
        community.apply("divisions", community.place(E1, "新名字社区", "village", EAST_TOWN));
        FrozenLedger.Content again = frozen.content(Community.all(), made.id(), null, false);
        assertThat(again.whole()).isTrue();
        assertThat(again.bytes()).isEqualTo(first);
        assertThat(frozen.list(worker, "Person", null, 10).ledgers()).containsExactly(again.ledger());
    }

    @Test
    void keepsItsRowsSealedWhenTheLogIsCompactedBeyondIt() {
        FrozenLedger made = frozen.freeze(worker, persons(community.placeId(E1), false, null));
        byte[] first = frozen.content(worker, made.id(), null, false).bytes();
        community.apply("election", community.member("1", "王芬", ID, null, E1));
        community.clock.advance(Duration.ofDays(6 * 365));
        community.apply("election", community.member("1", "王芳芳", ID, null, E1));
        assertThat(community.pool.compaction().run(p -> true)).isNotEmpty();
        assertThat(catchThrowableOfType(
                                PoolException.class,
                                () -> community.ledgers.list(
                                        Community.all(),
                                        RecordQuery.of("Person").withAsOf(then)))
                        .code())
                .contains(PoolException.Code.HISTORY_COMPACTED);
        FrozenLedger.Content again = frozen.content(worker, made.id(), null, false);
        assertThat(again.whole()).isTrue();
        assertThat(again.bytes()).isEqualTo(first);
        assertThat(TestDatabase.text(
                        community.dataSource,
                        "select count(*) from pool.frozen_row where encode(line, 'escape') like '%SUM%'"))
                .isEqualTo("0");
    }

    @Test
    void saysWhatWasErasedAndGivesTheRemainderMarkedAsSuch() {
        FrozenLedger made = frozen.freeze(worker, persons(community.placeId(E1), false, null));
        long erased = community.id(Community.MEMBERS, "1");
        for (String sql :
                List.of("delete from pool.change where entity_id = ", "delete from pool.entity where id = ")) {
            TestDatabase.run(community.dataSource, sql + erased);
        }
        PoolException refused =
                catchThrowableOfType(PoolException.class, () -> frozen.content(worker, made.id(), null, false));
        assertThat(refused.code()).contains(PoolException.Code.NOT_WHOLE);
        assertThat(refused).hasMessage("1 of its 2 rows are gone: their records were erased since");
        FrozenLedger.Content remainder = frozen.content(worker, made.id(), null, true);
        assertThat(remainder.whole()).isFalse();
        assertThat(text(remainder))
                .startsWith("\uFEFF余下部分 REMAINDER: 1 of its 2 rows")
                .contains(made.sha256())
                .contains("李强")
                .doesNotContain("王芳");
    }

    @Test
    void opensSensitiveValuesForAPurposeOnly() {
        assertThat(catchThrowableOfType(
                                PoolException.class,
                                () -> frozen.freeze(worker, persons(community.placeId(E1), true, null)))
                        .kind())
                .isEqualTo(PoolException.Kind.INVALID);
        FrozenLedger made = frozen.freeze(worker, persons(community.placeId(E1), true, "民政局统计"));
        assertThat(made.clear()).isTrue();
        assertThat(catchThrowableOfType(PoolException.class, () -> frozen.content(worker, made.id(), null, false))
                        .kind())
                .isEqualTo(PoolException.Kind.INVALID);
        assertThat(text(frozen.content(worker, made.id(), "复核", false))).contains(ID);
        assertThat(TestDatabase.text(
                        community.dataSource,
                        "select string_agg(action || ' ' || (detail ->> 'purpose'), ', ' order by id) from pool.audit"
                                + " where detail ? 'purpose'"))
                .isEqualTo("FREEZE 民政局统计, DOWNLOAD_FROZEN 复核");
    }

    @Test
    void isForThePlacesOfTheScopeAlone() {
        assertThat(catchThrowableOfType(
                                PoolException.class,
                                () -> frozen.freeze(worker, persons(community.placeId(W1), false, null)))
                        .kind())
                .isEqualTo(PoolException.Kind.NOT_FOUND);
        assertThat(catchThrowableOfType(PoolException.class, () -> frozen.freeze(worker, persons(null, false, null)))
                        .kind())
                .isEqualTo(PoolException.Kind.INVALID);
        long whole = frozen.freeze(Community.all(), persons(null, false, null)).id();
        assertThat(catchThrowableOfType(PoolException.class, () -> frozen.content(worker, whole, null, false))
                        .kind())
                .isEqualTo(PoolException.Kind.NOT_FOUND);
        assertThat(frozen.list(worker, null, null, 10).ledgers()).isEmpty();
        Scope west = community.scope("west", W1);
        long east = frozen.freeze(worker, persons(community.placeId(E1), false, null))
                .id();
        assertThat(catchThrowableOfType(PoolException.class, () -> frozen.content(west, east, null, true))
                        .kind())
                .isEqualTo(PoolException.Kind.NOT_FOUND);
    }
}
