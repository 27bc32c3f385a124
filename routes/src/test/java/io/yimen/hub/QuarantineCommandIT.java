package io.yimen.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.yimen.hub.command.Commands;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The quarantine command, as {@code ./yimen quarantine} calls it, on a real pool and the catalog's manifests. */
class QuarantineCommandIT {
    @TempDir
    private Path folder = Path.of("");

    private PoolDatabase database;
    private Map<String, String> keys = Map.of();
    private final InputStream input = System.in;
    private final PrintStream output = System.out;
    private final PrintStream errors = System.err;
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    @BeforeEach
    void start() throws Exception {
        database = PoolDatabase.start(folder);
        database.fill();
        keys = database.keys();
        keys.put(
                "yimen.connectors.catalog",
                Path.of("..", "connectors", "catalog")
                        .toAbsolutePath()
                        .normalize()
                        .toString());
        keys.forEach(System::setProperty);
        PrintStream captured = new PrintStream(said, true, StandardCharsets.UTF_8);
        System.setOut(captured);
        System.setErr(captured);
    }

    @AfterEach
    void stop() throws Exception {
        System.setOut(output);
        System.setErr(errors);
        System.setIn(input);
        keys.keySet().forEach(System::clearProperty);
        database.close();
    }

    private int run(String typed, String... args) {
        said.reset();
        System.setIn(new ByteArrayInputStream((typed + "\n").getBytes(StandardCharsets.UTF_8)));
        List<String> words = new ArrayList<>(List.of("quarantine"));
        words.addAll(List.of(args));
        return Commands.run(words).orElseThrow();
    }

    private String said() {
        return said.toString(StandardCharsets.UTF_8);
    }

    private String text(String sql) throws SQLException {
        try (Connection db = database.server().getPostgresDatabase().getConnection();
                Statement statement = db.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? String.valueOf(row.getString(1)) : "nothing";
        }
    }

    @Test
    void looksTriesAndReplaysAMendedRecord() throws Exception {
        assertThat(run("", "list")).isZero();
        assertThat(said()).contains("1  election/member-person  invalid-id-number sfzh", "8  @0/10");
        String id = text("select id from pool.quarantine");

        assertThat(run("", "show", id))
                .as("nothing is opened without a purpose")
                .isOne();
        assertThat(said()).doesNotContain("110101199013078038");
        assertThat(run("", "show", id, "--purpose", "核对")).isZero();
        assertThat(said()).contains("{\"sfzh\":\"110101199013078038\"}");
        assertThat(text("select actor from pool.audit where action = 'UNMASK'")).startsWith("command:");

        Path mended = folder.resolve("mended.json");
        Files.writeString(mended, "{\"cy_id\":\"8\",\"xm\":\"赵六\",\"sjh\":\"13912345678\"}");
        String changes = text("select count(*) from pool.change");
        assertThat(run("", "dry-run", id)).isZero();
        assertThat(said()).contains("QUARANTINED", "missing-key", "0 applied", "1 still quarantined");
        assertThat(run("", "dry-run", id, "--edit", id + "=" + mended)).isZero();
        assertThat(said())
                .contains("APPLIED, as edited", "CREATED persons 赵六", "phone: – → 139****5678")
                .doesNotContain("13912345678");
        assertThat(text("select count(*) from pool.change")).isEqualTo(changes);

        assertThat(run("n", "replay", id, "--edit", id + "=" + mended, "--why", "已与社区核对"))
                .isOne();
        assertThat(said()).contains("Nothing was changed");
        assertThat(text("select count(*) from pool.change")).isEqualTo(changes);
        assertThat(run("y", "replay", id, "--edit", id + "=" + mended, "--why", "已与社区核对"))
                .isZero();
        assertThat(said()).contains("1 read = 1 applied + 0 unchanged + 0 stale + 0 still quarantined");
        assertThat(text("select title from pool.entity where title = '赵六'")).isEqualTo("赵六");
        assertThat(run("", "list")).isZero();
        assertThat(said()).contains("Nothing waits");
        assertThat(run("", "show", id, "--purpose", "核对")).isZero();
        assertThat(said()).contains("status    REPLAYED", "replayed  APPLIED", "已与社区核对", "taken instead");
    }

    @Test
    void discardsWithAReasonOnly() throws Exception {
        assertThat(run("", "discard", "--source", "election", "--yes")).isOne();
        assertThat(text("select status from pool.quarantine")).isEqualTo("WAITING");
        assertThat(run("", "discard", "--source", "election", "--why", "测试数据", "--older", "7d", "--yes"))
                .isZero();
        assertThat(text("select status from pool.quarantine"))
                .as("it is younger")
                .isEqualTo("WAITING");
        assertThat(run("", "discard", "--source", "election", "--why", "测试数据", "--yes"))
                .isZero();
        assertThat(said()).contains("1 discarded");
        assertThat(text("select status || decided_why from pool.quarantine")).isEqualTo("DISCARDED测试数据");
    }

    @Test
    void refusesWhatItDoesNotUnderstand() {
        assertThat(run("")).isEqualTo(2);
        assertThat(run("", "mend")).isEqualTo(2);
        assertThat(run("", "replay", "--everything")).isEqualTo(2);
        assertThat(run("", "replay", "--why", "核对")).as("no source").isOne();
        assertThat(run("", "replay", "--source", "election")).as("no reason").isOne();
        assertThat(run("", "list", "--older", "long")).isOne();
        assertThat(run("", "replay", "--source", "election", "--why", "核对", "--rate", "0", "--yes"))
                .isOne();
        assertThat(run("", "stop", "999999")).isOne();
    }
}
