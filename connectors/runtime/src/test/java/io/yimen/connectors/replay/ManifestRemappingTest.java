package io.yimen.connectors.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.yimen.connectors.Catalog;
import io.yimen.connectors.manifest.Manifests;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.quarantine.Remapped;
import io.yimen.pool.quarantine.Waiting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestRemappingTest {
    private static final String ROW = """
            {"cy_id":"9","xzqh":"110101001001","xm":"张三","xb":"7","sfzh":"","csrq":"18980228","mz":"01","zzmm":"13",\
            "whcd":"20","sjh":""}""";
    private static final StreamId PERSON = new StreamId("election", "member-person");

    @TempDir
    private Path folder;

    private static ManifestRemapping remapping(Path manifest) {
        return ManifestRemapping.of(Manifests.load(manifest));
    }

    private static Waiting waiting(StreamId stream, String raw, @Nullable String edited) {
        return new Waiting(
                1,
                stream,
                "9",
                new Position(2, 77),
                "unknown-code",
                "xb",
                raw.getBytes(StandardCharsets.UTF_8),
                edited == null ? null : edited.getBytes(StandardCharsets.UTF_8));
    }

    private static ChangeEvent read(Remapped remapped) {
        assertThat(remapped).isInstanceOf(Remapped.Read.class);
        return ((Remapped.Read) remapped).event();
    }

    private static String refused(Remapped remapped) {
        assertThat(remapped).isInstanceOf(Remapped.Refused.class);
        Remapped.Refused refused = (Remapped.Refused) remapped;
        return refused.reason() + " " + refused.field();
    }

    private static String value(ChangeEvent event, String field) {
        return String.valueOf(event.value(event.stream().fields().indexOf(field)));
    }

    @Test
    void aMendedManifestReadsWhatItRefusedAtTheSamePosition() throws IOException {
        Path catalog = Catalog.folder().resolve("election");
        assertThat(refused(remapping(catalog).remap(waiting(PERSON, ROW, null))))
                .isEqualTo("unknown-code xb");
        String text = Files.readString(catalog.resolve(Manifests.FILE));
        Files.writeString(folder.resolve(Manifests.FILE), text.replace("\"9\": \"9\"}", "\"9\": \"9\", \"7\": \"9\"}"));

        ChangeEvent event = read(remapping(folder).remap(waiting(PERSON, ROW, null)));

        assertThat(event.key()).isEqualTo("9");
        assertThat(event.position()).isEqualTo(new Position(2, 77));
        assertThat(value(event, "sex")).isEqualTo("9");
        assertThat(value(event, "name")).isEqualTo("张三");
    }

    @Test
    void anEditedFormIsReadInsteadOfWhatWasReceived() {
        ManifestRemapping remapping = remapping(Catalog.folder());

        String edited = ROW.replace("\"xb\":\"7\"", "\"xb\":1").replace("\"sjh\":\"\"", "\"sjh\":null");

        ChangeEvent event = read(remapping.remap(waiting(PERSON, ROW, edited)));

        assertThat(value(event, "sex")).isEqualTo("1");
        assertThat(value(event, "phone")).as("sent as empty").isEmpty();
    }

    @Test
    void anEditIsRefusedForWhatNobodyReads() {
        ManifestRemapping remapping = remapping(Catalog.folder());

        assertThat(refused(remapping.remap(waiting(PERSON, ROW, "{\"cy_id\":\"9\",\"xbb\":\"1\"}"))))
                .isEqualTo("unknown-column xbb");
        assertThat(refused(remapping.remap(waiting(PERSON, ROW, "{\"cy_id\":[\"9\"]}"))))
                .isEqualTo("unknown-column cy_id");
        for (String broken : List.of("", "[]", "张三", "{\"cy_id\":\"9\",\"cy_id\":\"8\"}", "{} {}", "{\"cy_id\":")) {
            assertThat(refused(remapping.remap(waiting(PERSON, ROW, broken)))).isEqualTo("malformed-record null");
        }
    }

    @Test
    void aColumnThatWasReceivedAndIsReadNoLongerIsNoFaultOfTheEdit() {
        String received = ROW.replace("{", "{\"oldcol\":\"x\",");

        ChangeEvent event =
                read(remapping(Catalog.folder()).remap(waiting(PERSON, received, received.replace("\"7\"", "\"2\""))));

        assertThat(value(event, "sex")).isEqualTo("2");
    }

    @Test
    void whatIsNoSingleRecordKeepsItsReason() {
        assertThat(refused(remapping(Catalog.folder()).remap(waiting(PERSON, "<html>", null))))
                .isEqualTo("unknown-code xb");
    }

    @Test
    void aStreamWithoutManifestIsNamed() {
        StreamId gone = new StreamId("gone", "person");

        Remapped remapped = remapping(Catalog.folder()).remap(waiting(gone, ROW, null));

        assertThat(refused(remapped)).isEqualTo("no-mapping null");
        assertThat(((Remapped.Refused) remapped).message()).contains("gone/person");
    }

    @Test
    void whatThePoolTurnedAwayIsReadAsItsCanonicalValues() {
        ManifestRemapping remapping = remapping(Catalog.folder());
        String raw = "{\"key\":\"9\",\"values\":{\"name\":\"张三\",\"phone\":\"\"}}";

        ChangeEvent event = read(remapping.remap(waiting(PERSON, raw, null)));

        assertThat(event.key()).isEqualTo("9");
        assertThat(value(event, "name")).isEqualTo("张三");
        assertThat(value(event, "phone")).isEmpty();
        assertThat(value(event, "sex")).as("not observed").isEqualTo("null");
        assertThat(refused(remapping.remap(waiting(PERSON, raw.replace("phone", "fax"), null))))
                .isEqualTo("unknown-column fax");
    }

    @Test
    void whatThePoolTurnedAwayKeepsTheTimeThatItsSourceStated() {
        ManifestRemapping remapping = remapping(Catalog.folder());
        String raw = "{\"key\":\"9\",\"values\":{\"name\":\"张三\"},\"updated\":\"2026-01-31T01:02:03Z\"}";

        ChangeEvent event = read(remapping.remap(waiting(PERSON, raw, null)));

        assertThat(event.statedAt()).isEqualTo(Instant.parse("2026-01-31T01:02:03Z"));
        assertThat(refused(remapping.remap(waiting(PERSON, raw.replace("2026-", "last "), null))))
                .isEqualTo("invalid-timestamp updated");
    }

    @Test
    void aRowThatIsOfTheStreamNoLongerEndsWhatTheStreamKnewOfIt() {
        StreamId organization = new StreamId("divisions-2023", "organization");
        String county =
                "{\"dm\":\"110101000000\",\"mc\":\"东城区\",\"jb\":\"3\",\"sjdm\":\"110000000000\",\"qx\":\"东城区\",\"jz\":\"\",\"lx\":\"\"}";

        ChangeEvent event = read(remapping(Catalog.folder()).remap(waiting(organization, county, null)));

        assertThat(event.isDeleted()).isTrue();
        assertThat(event.key()).isEqualTo("110101000000");
    }
}
