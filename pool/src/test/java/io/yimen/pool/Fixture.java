package io.yimen.pool;

import io.yimen.pool.claim.Batch;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.CompleteSet;
import io.yimen.pool.claim.DeletePolicy;
import io.yimen.pool.claim.Flag;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.claim.StreamShape;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Streams and events as the real sources have them, small. */
final class Fixture {
    static final PoolModel MODEL = PoolModel.standard();
    static final Vault VAULT = Vault.of(new byte[32]);

    static final StreamShape PLACE_2023 = new StreamShape(
            new StreamId("divisions-2023", "place"),
            "Place",
            List.of("name", "level", "kind", "code", "edition", "parent", "county", "town"),
            80,
            true,
            DeletePolicy.FULL_SET);
    static final StreamShape PLACE_2016 = new StreamShape(
            new StreamId("divisions-2016", "place"),
            "Place",
            List.of(
                    "name",
                    "level",
                    "code",
                    "edition",
                    "parent",
                    "county",
                    "town",
                    "urbanRural",
                    "longitude",
                    "latitude"),
            40,
            true,
            DeletePolicy.FULL_SET);
    static final StreamShape COMMITTEE = new StreamShape(
            new StreamId("election", "committee"),
            "Organization",
            List.of("name", "kind", "creditCode", "place", "divisionCode", "county", "town", "status"),
            60,
            true,
            DeletePolicy.LOG);
    static final StreamShape CREDIT = new StreamShape(
            new StreamId("credit-codes", "organization"),
            "Organization",
            List.of("name", "creditCode", "place", "divisionCode", "county", "town", "legalPerson", "phone", "status"),
            90,
            true,
            DeletePolicy.FULL_SET);
    static final StreamShape CANDIDATE = new StreamShape(
            new StreamId("election", "candidate-person"),
            "Person",
            List.of("name", "idNumber", "sex", "phone", "place"),
            50,
            false,
            DeletePolicy.LOG);
    static final StreamShape MEMBER = new StreamShape(
            new StreamId("election", "member-person"),
            "Person",
            List.of("name", "idNumber", "sex", "phone", "place"),
            60,
            false,
            DeletePolicy.LOG);
    static final StreamShape MEMBERSHIP = new StreamShape(
            new StreamId("election", "membership"),
            "Membership",
            List.of("person", "organization", "post", "from", "place"),
            60,
            true,
            DeletePolicy.LOG);
    static final StreamShape LICENCE = new StreamShape(
            new StreamId("licences", "organization"),
            "Organization",
            List.of("creditCode", "validFrom", "validTo"),
            30,
            false,
            DeletePolicy.LOG);
    static final StreamShape ARCHIVE = new StreamShape(
            new StreamId("archive", "organization"),
            "Organization",
            List.of("creditCode", "validFrom", "validTo"),
            95,
            false,
            DeletePolicy.LOG);
    static final List<StreamShape> ALL =
            List.of(PLACE_2023, PLACE_2016, COMMITTEE, CREDIT, CANDIDATE, MEMBER, MEMBERSHIP, LICENCE, ARCHIVE);

    private Fixture() {}

    static void declareAll(Pool pool) {
        for (String source :
                List.of("divisions-2023", "divisions-2016", "election", "credit-codes", "licences", "archive")) {
            pool.declare(
                    new SourceInfo(source, source, source, "街道"),
                    ALL.stream().filter(s -> s.id().source().equals(source)).toList());
        }
    }

    static ChangeEvent says(StreamShape stream, String key, long position, @Nullable String... values) {
        return ChangeEvent.upserted(stream, key, Position.of(position), values, List.of());
    }

    /** As {@link #says}, with the time that the source states. */
    static ChangeEvent stated(StreamShape stream, String key, long position, String at, @Nullable String... values) {
        return ChangeEvent.upserted(stream, key, Position.of(position), values, List.of(), Instant.parse(at));
    }

    static ChangeEvent flagged(StreamShape stream, String key, long position, Flag flag, @Nullable String... values) {
        return ChangeEvent.upserted(stream, key, Position.of(position), values, List.of(flag));
    }

    static ChangeEvent gone(StreamShape stream, String key, long position) {
        return ChangeEvent.deleted(stream, key, Position.of(position));
    }

    static ChangeEvent village2023(String code, String name, String town, long position) {
        return says(
                PLACE_2023,
                code,
                position,
                name,
                "village",
                "JWH",
                code,
                "2023",
                "place-code:2023|" + code.substring(0, 9) + "000",
                "东城区",
                town);
    }

    static ChangeEvent town2023(String code, String name, long position) {
        return says(
                PLACE_2023,
                code,
                position,
                name,
                "town",
                "",
                code,
                "2023",
                "place-code:2023|" + code.substring(0, 6) + "000000",
                "东城区",
                name);
    }

    static ChangeEvent county2023(String code, String name, long position) {
        return says(PLACE_2023, code, position, name, "county", "", code, "2023", "", name, "");
    }

    static ChangeEvent village2016(String code, String name, String town, long position) {
        return says(
                PLACE_2016,
                code,
                position,
                name,
                "village",
                code,
                "2016",
                "place-code:2016|" + code.substring(0, 9) + "000",
                "东城区",
                town,
                "111",
                "116.4",
                "39.9");
    }

    static ChangeEvent person(
            StreamShape stream, String key, String name, String id, String phone, String place, long position) {
        return says(stream, key, position, name, id, "1", phone, place.isEmpty() ? "" : "place-code:2023|" + place);
    }

    static Rejected rejected(StreamShape stream, String key, long position, String reason) {
        return new Rejected(
                stream.id(), key, Position.of(position), reason, null, "Correct it at the source", new byte[] {1, 2});
    }

    /** A run that stays open for the whole test. */
    static long run(Pool pool) {
        return pool.openRun("test", "test", "stream", OptionalLong.empty());
    }

    static Batch batch(long run, ChangeEvent... events) {
        return new Batch(run, "test", null, List.of(events), List.of(), List.of());
    }

    static Batch batch(long run, List<ChangeEvent> events) {
        return new Batch(run, "test", null, events, List.of(), List.of());
    }

    static Batch rejecting(long run, Rejected... rejected) {
        return new Batch(run, "test", null, List.of(), List.of(rejected), List.of());
    }

    static Batch completing(long run, List<ChangeEvent> events, CompleteSet set) {
        return new Batch(run, "test", null, events, List.of(), List.of(set));
    }
}
