package io.yimen.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.yimen.hub.command.Commands;
import io.yimen.pool.PostgresPool;
import io.yimen.pool.audit.Audit;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.ledger.ScopedReads;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import io.yimen.pool.steward.Action;
import io.yimen.pool.steward.Proposal;
import io.yimen.pool.steward.Review;
import io.yimen.pool.steward.Stewardship;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands {@code rules} and {@code decisions}, as {@code ./yimen} calls them, on a real pool. */
@SuppressWarnings("NullAway.Init")
class RulesCommandIT {
    @TempDir
    private Path folder;

    private PoolDatabase database;
    private final PrintStream output = System.out;
    private final PrintStream errors = System.err;
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final ByteArrayOutputStream complained = new ByteArrayOutputStream();

    @BeforeEach
    void start() throws Exception {
        database = PoolDatabase.start(folder);
        database.fill();
        database.keys().forEach(System::setProperty);
        System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void stop() throws Exception {
        System.setOut(output);
        System.setErr(errors);
        database.keys().keySet().forEach(System::clearProperty);
        database.close();
    }

    @Test
    void aChangeIsTriedThenAppliedAndAPairBecomesOne() throws Exception {
        Path file = folder.resolve("persons.yaml");
        assertThat(run("rules", "show", "persons")).isZero();
        String document = said();
        // Everything that is possible is a match.
        String loose = document.replaceFirst("match: 0\\.\\d+", "match: 0.06");
        assertThat(loose).isNotEqualTo(document);
        Files.writeString(file, loose);

        assertThat(run("rules", "preview", "persons", "--file", file.toString()))
                .isZero();
        assertThat(said())
                .containsPattern("would merge +1\\R")
                .containsPattern("merged +persons/\\d+ -> persons/\\d+|merged +persons/\\d+ -> \\d+")
                .as("names stay where they are")
                .doesNotContain("欧阳");
        run("rules", "list");
        assertThat(said()).containsPattern("\\* persons +match +1 ").doesNotContain("match           2 ");

        assertThat(run("rules", "apply", "persons", "--file", file.toString(), "--note", "放宽"))
                .isZero();
        assertThat(said()).contains("version 2 of persons is in force");
        run("rules", "list");
        assertThat(said()).containsPattern("\\* persons +match +2 .*command:.*放宽");

        assertThat(run("rules", "apply", "persons", "--file", file.toString(), "--note", "再来", "--based-on", "1"))
                .as("based on a version that is no longer in force")
                .isOne();
        assertThat(run("rules", "show", "persons", "--version", "1")).isZero();
        assertThat(said()).isEqualTo(document);
    }

    @Test
    void weightsAreLearnedAnew() {
        assertThat(run("rules", "learn", "organizations", "--note", "首次同步之后")).isZero();
        said();
        run("rules", "list");
        assertThat(said()).containsPattern("\\* organizations +match +2 +learned .*首次同步之后");
    }

    @Test
    void aWrongDocumentIsRefusedWithItsLine() throws Exception {
        Path file = folder.resolve("persons.yaml");
        run("rules", "show", "persons");
        Files.writeString(file, said().replaceFirst("kind: han-name", "kind: colour"));
        assertThat(run("rules", "apply", "persons", "--file", file.toString(), "--note", "错"))
                .isOne();
        assertThat(complained.toString(StandardCharsets.UTF_8)).contains("line 7", "colour");
        assertThat(run("rules", "preview", "nothing", "--file", file.toString()))
                .isOne();
        assertThat(run(
                        "rules",
                        "preview",
                        "persons",
                        "--file",
                        folder.resolve("none").toString()))
                .isOne();
        assertThat(run("rules", "preview", "persons")).isEqualTo(2);
        assertThat(run("rules", "apply", "persons", "--file", file.toString())).isEqualTo(2);
        assertThat(run("rules", "list", "persons")).isEqualTo(2);
        assertThat(run("rules", "forget")).isEqualTo(2);
        assertThat(run("decisions")).isEqualTo(2);
        assertThat(run("decisions", "list", "--entity", "x")).isEqualTo(2);
        run("rules", "list");
        assertThat(said()).doesNotContainPattern("match +2 ");
    }

    @Test
    void decisionsAreListed() {
        PoolModel model = PoolModel.standard();
        Vault vault = Vault.load(Path.of(database.keys().get("yimen.vault.key-file")));
        var source = database.server().getPostgresDatabase();
        Clock clock = Clock.systemUTC();
        Scope scope = Scope.everything("admin");
        try (PostgresPool pool = new PostgresPool(source, model, vault, clock)) {
            Stewardship stewardship = pool.stewardship(new ScopedReads(source, model, vault, new Audit(source, clock)));
            Review review = stewardship
                    .reviews(scope, new Stewardship.ReviewQuery("Person", null, Stewardship.Order.WEIGHT, null, 1))
                    .reviews()
                    .get(0);
            stewardship.decide(
                    scope,
                    new Proposal(
                            Action.NOT_DUPLICATE,
                            List.of(new Proposal.Seen(review.left(), 0), new Proposal.Seen(review.right(), 0)),
                            List.of(),
                            "父子同名"));
            assertThat(run("decisions", "list", "--entity", Long.toString(review.left())))
                    .isZero();
            assertThat(said()).containsPattern("not_duplicate +persons +2 records +admin +父子同名");
            assertThat(run("decisions", "list", "--entity", "999999", "--limit", "1"))
                    .isZero();
            assertThat(said()).isEmpty();
        }
    }

    private static int run(String... words) {
        return Commands.run(List.of(words)).orElseThrow();
    }

    /** What was said since the last time. */
    private String said() {
        String text = said.toString(StandardCharsets.UTF_8);
        said.reset();
        return text;
    }
}
