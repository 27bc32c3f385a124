package io.yimen.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import io.yimen.simulators.DivisionDrop;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * From a bad record to the pool: it waits, its manifest or it itself is mended, a dry run shows what would change and
 * changes nothing, a replay does it. Whatever else happens meanwhile, every record is taken in once.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class QuarantineIT {
    private static final Duration PATIENCE = TestBed.PATIENCE;
    private static final String WHY = "代码已补入接入配置";

    private final TestBed bed = new TestBed(new TestBed.Size("quarantine", 13, 30, Set.of("110101"), 0, false));
    private final Path catalog = bed.folder().resolve("catalog");
    private int nextKey = 800_000;

    @BeforeAll
    void fill() {
        Places.copyCatalog(catalog);
        bed.writeDrop();
        bed.hub().with("yimen.connectors.catalog", catalog.toString()).start();
        bed.awaitSettled();
        bed.putAccounts();
    }

    @AfterEach
    void everyRunBalancesAndThePoolIsWhatItsClaimsSay() {
        if (!bed.hub().isRunning()) {
            bed.hub().start();
        }
        assertThat(bed.tables().unbalancedRuns()).isEmpty();
        assertThat(bed.rebuildVerify()).contains("The pool is what its claims say");
    }

    @AfterAll
    void close() {
        bed.close();
    }

    /** Members whose sex is a code that no manifest knows; their keys. */
    private List<Integer> unknownSex(char code, int count) {
        List<Integer> keys = new ArrayList<>();
        StringBuilder sql = new StringBuilder();
        for (int i = 0; i < count; i++) {
            int key = ++nextKey;
            keys.add(key);
            sql.append("insert into t_cy select ")
                    .append(key)
                    .append(", jw_id, 11, xzqh, '")
                    .append(name(key))
                    .append("', '")
                    .append(code)
                    .append("', null, to_char(date '1950-01-01' + ")
                    .append(key % 1000 * 37)
                    .append(", 'YYYYMMDD'), '01', '13', '20', '142")
                    .append((key * 7_919L) % 90_000_000 + 10_000_000)
                    .append("', '3', '2026-01-01', null, '1', gxsj from t_jw order by jw_id limit 1;");
        }
        election(sql.toString());
        await("the rows in quarantine").atMost(PATIENCE).until(() -> waiting(keys) == count);
        return keys;
    }

    /** A name of one's own: these people are not to be taken for each other. */
    private static String name(int key) {
        String surnames = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许";
        String given = "安邦才达恩飞刚航吉康乐明宁鹏强仁山涛文祥";
        return surnames.substring(key % 20, key % 20 + 1)
                + given.substring(key / 20 % 20, key / 20 % 20 + 1)
                + given.substring(key % 19, key % 19 + 1);
    }

    private static String text(int key) {
        return Integer.toString(key);
    }

    private long waiting(List<Integer> keys) {
        return status(keys, "WAITING");
    }

    private long status(List<Integer> keys, String status) {
        return bed.tables().number("""
                        select count(*) from quarantine q join stream s on s.id = q.stream_id
                         where s.stream = 'member-person' and q.status = ? and length(q.key) = 6 and q.key between ? and ?""", status, text(keys.get(0)), text(keys.get(keys.size() - 1)));
    }

    private long persons(List<Integer> keys) {
        return bed.tables().number("""
                        select count(*) from source_record r join stream s on s.id = r.stream_id
                         where s.stream = 'member-person' and not r.deleted and length(r.key) = 6
                           and r.key between ? and ?""", text(keys.get(0)), text(keys.get(keys.size() - 1)));
    }

    /** Lets the manifest in the catalog know one more code for the sex of a person. */
    private void mend(char code) {
        Path manifest = catalog.resolve("election/connector.yaml");
        try {
            String text = Files.readString(manifest);
            String mended = text.replace("\"9\": \"9\"}", "\"" + code + "\": \"9\", \"9\": \"9\"}");
            assertThat(mended).isNotEqualTo(text);
            Files.writeString(manifest, mended);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void election(String sql) {
        try (Connection connection = bed.election().connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, Object> selection(List<Integer> keys) {
        // Keys of one test differ in their last digits only.
        String first = text(keys.get(0));
        String last = text(keys.get(keys.size() - 1));
        int same = 0;
        while (same < first.length() && first.charAt(same) == last.charAt(same)) {
            same++;
        }
        return Map.of(
                "source",
                "election",
                "stream",
                "member-person",
                "key",
                first.substring(0, same) + "*",
                "reason",
                "unknown-code");
    }

    private JsonNode dryRun(Map<String, Object> selection) {
        return bed.admin()
                .post("/quarantine/dry-runs", Map.of("selection", selection, "limit", 200))
                .body();
    }

    private Map<String, Object> replay(Map<String, Object> selection, String token, int rate) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("selection", selection);
        body.put("why", WHY);
        body.put("token", token);
        body.put("rate", rate);
        return body;
    }

    private String start(Map<String, Object> selection, int rate) {
        JsonNode dry = dryRun(selection);
        HubClient.Answer answer = bed.admin()
                .post("/quarantine/replays", replay(selection, dry.path("token").asText(), rate));
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        return answer.body().path("id").asText();
    }

    private JsonNode ended(String run) {
        await("the end of run " + run)
                .atMost(PATIENCE)
                .until(() ->
                        bed.admin().get("/quarantine/replays/" + run).body().hasNonNull("endedAt"));
        return bed.admin().get("/quarantine/replays/" + run).body();
    }

    private static List<String> outcomes(JsonNode dry) {
        return dry.path("records").findValuesAsText("outcome");
    }

    private static List<Long> counts(JsonNode run) {
        JsonNode counts = run.path("counts").path(0);
        return List.of(
                counts.path("read").asLong(),
                counts.path("applied").asLong(),
                counts.path("unchanged").asLong(),
                counts.path("stale").asLong(),
                counts.path("quarantined").asLong());
    }

    @Test
    void aMendedManifestIsTriedWithoutEffectAndThenReplayed() {
        List<Integer> keys = unknownSex('7', 3);
        Map<String, Object> which = selection(keys);
        assertThat(outcomes(dryRun(which))).containsExactly("QUARANTINED", "QUARANTINED", "QUARANTINED");

        mend('7');
        String hash = bed.poolHash();
        long changes = bed.tables().number("select max(seq) from change");
        JsonNode dry = dryRun(which);

        assertThat(outcomes(dry)).containsExactly("APPLIED", "APPLIED", "APPLIED");
        JsonNode effect = dry.at("/records/0/effects/0");
        assertThat(effect.path("operation").asText()).isEqualTo("CREATED");
        assertThat(effect.path("ledger").asText()).isEqualTo("persons");
        assertThat(effect.path("title").asText()).isEqualTo(name(keys.get(0)));
        assertThat(effect.path("differences").findValuesAsText("field")).contains("name", "sex", "phone");
        assertThat(bed.canaries().findIn(dry.toString())).as("phones in clear").isEmpty();
        assertThat(bed.poolHash()).isEqualTo(hash);
        assertThat(bed.tables().number("select max(seq) from change")).isEqualTo(changes);
        assertThat(waiting(keys)).isEqualTo(3);
        assertThat(bed.tables().number("select count(*) from run where feed like '%/dry-run'"))
                .isZero();

        String token = dry.path("token").asText();
        Map<String, Object> other = new LinkedHashMap<>(which);
        other.remove("reason");
        assertThat(bed.admin()
                        .post("/quarantine/replays", replay(other, token, 100))
                        .status())
                .as("another selection than was tried")
                .isEqualTo(409);
        mend('8');
        assertThat(bed.admin()
                        .post("/quarantine/replays", replay(which, token, 100))
                        .status())
                .as("another manifest than was tried")
                .isEqualTo(409);

        JsonNode run = ended(start(which, 100));

        assertThat(run.path("status").asText()).isEqualTo("COMPLETED");
        assertThat(run.path("kind").asText()).isEqualTo("replay");
        assertThat(run.path("expected").asLong()).isEqualTo(3);
        assertThat(counts(run)).containsExactly(3L, 3L, 0L, 0L, 0L);
        assertThat(status(keys, "REPLAYED")).isEqualTo(3);
        assertThat(bed.admin().all("/ledgers/persons?q=" + HubClient.encode(name(keys.get(1))), "records"))
                .singleElement()
                .satisfies(person ->
                        assertThat(person.at("/fields/sex/value").asText()).isEqualTo("9"));
        List<JsonNode> told =
                bed.admin().all("/quarantine?replay=" + run.path("id").asText(), "items");
        assertThat(told).hasSize(3).allSatisfy(item -> {
            assertThat(item.path("outcome").asText()).isEqualTo("APPLIED");
            assertThat(item.path("decidedBy").asText()).isEqualTo(TestBed.ADMIN);
            assertThat(item.path("decidedWhy").asText()).isEqualTo(WHY);
        });
        assertThat(bed.tables().number("""
                        select count(*) from audit where actor = 'admin' and action = 'REPLAY' and detail ->> 'why' = ?
                           and object like 'quarantine/%' and (detail ->> 'run')::bigint = ?""", WHY, run.path("id").asLong())).isEqualTo(3);
        assertThat(bed.tables().number("select count(*) from audit where action = 'DRY_RUN'"))
                .isPositive();
    }

    @Test
    void aManifestThatIsWrongIsNamedWithItsLine() throws IOException {
        Path manifest = catalog.resolve("credit-codes/connector.yaml");
        String right = Files.readString(manifest);
        try {
            Files.writeString(manifest, right.replaceFirst("as: creditCode", "as: creditCoed"));
            HubClient.Answer answer =
                    bed.admin().post("/quarantine/dry-runs", Map.of("selection", Map.of("source", "credit-codes")));
            assertThat(answer.status()).isEqualTo(409);
            assertThat(answer.json().path("code").asText()).isEqualTo("invalid-manifest");
            assertThat(answer.json().path("detail").asText()).contains("connector.yaml:", "creditCoed");
            // Another source's is no hindrance.
            assertThat(bed.admin()
                            .post("/quarantine/dry-runs", Map.of("selection", Map.of("source", "election")))
                            .status())
                    .isEqualTo(200);
        } finally {
            Files.writeString(manifest, right);
        }
    }

    @Test
    void anEditedRecordThatIsOlderThanCurrentIsStaleAndSaid() {
        String text = DivisionDrop.csv(bed.drop().rows());
        String code = bed.drop().rows().get(bed.drop().rows().size() - 1).code();
        String blank = text.replace("\r\n" + code + ",", "\r\n,");
        bed.drop()
                .write(
                        bed.nextNight(),
                        DivisionDrop.encode(blank),
                        bed.drop().rows().size());
        String which = "/quarantine?source=divisions-2016&reason=missing-key&status=WAITING";
        await("the row without code in quarantine")
                .atMost(PATIENCE)
                .until(() -> bed.admin().all(which, "items").size() == 2);
        JsonNode place = bed.admin().all(which + "&stream=place", "items").get(0);
        String raw = bed.admin()
                .post("/quarantine/" + place.path("id").asText() + "/raw", Map.of("purpose", "补代码"))
                .body()
                .path("text")
                .asText();
        assertThat(raw).contains("\"代码\":\"\"");
        // The next night's file says the same with the code: newer than what waits.
        bed.writeDrop();
        bed.awaitSettled();
        String hash = bed.poolHash();

        Map<String, Object> body = new LinkedHashMap<>();
        body.put(
                "selection",
                Map.of(
                        "source",
                        "divisions-2016",
                        "ids",
                        List.of(place.path("id").asText())));
        body.put(
                "edits",
                List.of(Map.of(
                        "id",
                        place.path("id").asText(),
                        "text",
                        raw.replace("\"代码\":\"\"", "\"代码\":\"" + code + "\""))));
        JsonNode dry = bed.admin().post("/quarantine/dry-runs", body).body();
        assertThat(outcomes(dry)).containsExactly("STALE");
        assertThat(dry.at("/records/0/edited").asBoolean()).isTrue();
        assertThat(dry.at("/records/0/message").asText()).contains("later");
        body.put("why", WHY);
        body.put("token", dry.path("token").asText());
        JsonNode run = ended(
                bed.admin().post("/quarantine/replays", body).body().path("id").asText());

        assertThat(counts(run)).containsExactly(1L, 0L, 0L, 1L, 0L);
        assertThat(bed.poolHash()).isEqualTo(hash);
        JsonNode item =
                bed.admin().get("/quarantine/" + place.path("id").asText()).body();
        assertThat(item.path("status").asText()).isEqualTo("SUPERSEDED");
        assertThat(item.path("outcome").asText()).isEqualTo("STALE");

        // The other stream's half of the row is discarded, and the same file does not bring it back.
        assertThat(bed.admin()
                        .post(
                                "/quarantine/discards",
                                Map.of(
                                        "selection",
                                        Map.of("source", "divisions-2016", "reason", "missing-key"),
                                        "why",
                                        "已由次日文件更正"))
                        .body()
                        .path("discarded")
                        .asInt())
                .isEqualTo(1);
        bed.drop()
                .write(
                        bed.nextNight(),
                        DivisionDrop.encode(blank),
                        bed.drop().rows().size());
        bed.awaitSettled();
        assertThat(bed.admin().all(which + "&stream=organization", "items")).isEmpty();
        bed.writeDrop();
        bed.awaitSettled();
    }

    @Test
    void isForThoseWhoSeeEverythingAndStateWhy() {
        List<Integer> keys = unknownSex('R', 1);
        String id = bed.tables()
                .rows("select id from quarantine where key = ?", text(keys.get(0)))
                .get(0)
                .get(0);
        Map<String, Object> selection = Map.of("selection", Map.of("source", "election"));
        Map<String, Object> decided = new LinkedHashMap<>(selection);
        decided.put("why", WHY);
        Map<String, Object> replayed = new LinkedHashMap<>(decided);
        replayed.put("token", "none");
        for (HubClient who : List.of(bed.worker(), bed.officer())) {
            assertThat(who.post("/quarantine/" + id + "/raw", Map.of("purpose", "看一看"))
                            .status())
                    .isEqualTo(403);
            assertThat(who.get("/quarantine/" + id).status()).isEqualTo(403);
            assertThat(who.post("/quarantine/dry-runs", selection).status()).isEqualTo(403);
            assertThat(who.post("/quarantine/replays", replayed).status()).isEqualTo(403);
            assertThat(who.post("/quarantine/discards", decided).status()).isEqualTo(403);
        }
        assertThat(bed.officer().get("/quarantine").body().path("items")).isEmpty();
        assertThat(bed.officer().get("/quarantine/faults").body().path("faults"))
                .isEmpty();
        HubClient stranger = HubClient.stranger(bed.hub());
        assertThat(stranger.post("/quarantine/" + id + "/raw", Map.of("purpose", "看一看"))
                        .status())
                .isEqualTo(401);
        assertThat(stranger.get("/quarantine/faults").status()).isEqualTo(401);

        long opened = bed.tables().number("select count(*) from audit where action = 'UNMASK'");
        assertThat(bed.admin().post("/quarantine/" + id + "/raw", Map.of()).status())
                .isEqualTo(400);
        assertThat(bed.admin()
                        .post("/quarantine/" + id + "/raw", Map.of("purpose", " "))
                        .status())
                .isEqualTo(400);
        assertThat(bed.admin().post("/quarantine/discards", selection).status()).isEqualTo(400);
        assertThat(bed.admin().post("/quarantine/replays", decided).status()).isEqualTo(400);
        assertThat(bed.tables().number("select count(*) from audit where action = 'UNMASK'"))
                .isEqualTo(opened);
        assertThat(bed.admin()
                        .post("/quarantine/" + id + "/raw", Map.of("purpose", "核对"))
                        .status())
                .isEqualTo(200);
        assertThat(bed.tables()
                        .number(
                                "select count(*) from audit where action = 'UNMASK' and object = ?",
                                "quarantine/" + id))
                .isPositive();
    }

    @Test
    void ofTwoReplaysAtOnceOneIsRefusedAndEveryRecordIsTakenOnce() throws Exception {
        List<Integer> keys = unknownSex('6', 40);
        mend('6');
        Map<String, Object> which = selection(keys);
        String token = dryRun(which).path("token").asText();
        List<CompletableFuture<HubClient.Answer>> both = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            both.add(CompletableFuture.supplyAsync(
                    () -> bed.admin().post("/quarantine/replays", replay(which, token, 2))));
        }
        List<HubClient.Answer> answers =
                both.stream().map(CompletableFuture::join).toList();
        assertThat(answers).extracting(HubClient.Answer::status).containsExactlyInAnyOrder(202, 409);
        // A third comes from the command line, in a process of its own.
        assertThat(command("replay", "--source", "election", "--reason", "unknown-code", "--why", WHY, "--yes"))
                .contains("at this moment")
                .endsWith("exit 1");
        String run = answers.stream()
                .filter(answer -> answer.status() == 202)
                .findFirst()
                .orElseThrow()
                .body()
                .path("id")
                .asText();

        assertThat(counts(ended(run))).containsExactly(40L, 40L, 0L, 0L, 0L);
        assertThat(status(keys, "REPLAYED")).isEqualTo(40);
        assertThat(bed.tables().number("""
                        select count(*) from change where op = 'CREATED' and run_id = ? and entity_type = 'Person'""", Long.parseLong(run))).isEqualTo(40);
        assertThat(command("list", "--source", "election", "--reason", "unknown-code"))
                .doesNotContain(name(keys.get(0)))
                .endsWith("exit 0");
    }

    /** What {@code ./yimen quarantine} says, and its exit code at the end. */
    private String command(String... words) throws Exception {
        List<String> line = new ArrayList<>(List.of(
                Places.root().resolve("yimen").toString(),
                "quarantine",
                "--config",
                bed.hub().configurationFile().toString()));
        line.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("YIMEN_") || name.startsWith("QUARKUS_"));
        builder.environment().put("yimen_built", "1");
        Process process = builder.start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return said + "exit " + process.exitValue();
    }

    @Test
    void aReplayGoesOnBesideItsSourceAndIsStoppedBetweenTwoSteps() {
        List<Integer> keys = unknownSex('5', 60);
        mend('5');
        Map<String, Object> which = selection(keys);
        String first = start(which, 10);
        await("a first step").atMost(PATIENCE).until(() -> status(keys, "REPLAYED") > 0);
        assertThat(bed.admin()
                        .send("DELETE", "/quarantine/replays/" + first, null)
                        .status())
                .isEqualTo(204);
        JsonNode stopped = ended(first);
        assertThat(stopped.path("message").asText()).contains("stopped");
        long taken = status(keys, "REPLAYED");
        assertThat(taken).isBetween(1L, 59L);
        assertThat(counts(stopped).get(0)).isEqualTo(taken);
        assertThat(waiting(keys)).isEqualTo(60 - taken);

        // While the rest is replayed their clerk corrects every third, and others come and go.
        String second = start(which, 20);
        for (int i = 0; i < keys.size(); i += 3) {
            election("update t_cy set xb = '2' where cy_id = " + keys.get(i));
        }
        election("insert into t_cy select 990001, jw_id, 11, xzqh, '欧阳新', '1', null, '19800228', '01', '13', '20',"
                + " '14200000009', '3', '2026-01-01', null, '1', gxsj from t_jw order by jw_id limit 1");
        ended(second);
        bed.awaitSettled();

        assertThat(waiting(keys)).isZero();
        assertThat(persons(keys)).isEqualTo(60);
        assertThat(bed.tables().number("""
                        select count(*) from source_record r join stream s on s.id = r.stream_id
                         where s.stream = 'member-person' and r.fields ->> 'sex' = '2' and length(r.key) = 6
                           and r.key between ? and ?""", text(keys.get(0)), text(keys.get(59))))
                .as("what the source says now stands")
                .isEqualTo(20);
    }

    @Test
    void thePortalShowsTheRawFormTriesAndReplays() {
        List<Integer> keys = unknownSex('3', 4);
        List<String> complaints = new ArrayList<>();
        try (Playwright playwright = Playwright.create(
                        new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
                Browser browser = BrowserIT.launch(playwright)) {
            Page page = browser.newContext(new Browser.NewContextOptions()
                            .setViewportSize(1360, 860)
                            .setLocale("zh-CN"))
                    .newPage();
            page.setDefaultTimeout(15_000);
            page.onConsoleMessage(message -> BrowserIT.note(message, complaints));
            page.onPageError(complaints::add);
            page.navigate(bed.hub().portal().resolve("/quarantine").toString());
            BrowserIT.type(page, "login", TestBed.ADMIN);
            BrowserIT.type(page, "password", TestBed.PASSWORD);
            page.getByTestId("sign-in").click();
            Locator fault = page.getByTestId("fault")
                    .filter(new Locator.FilterOptions().setHasText("未知代码"))
                    .first();
            fault.waitFor();
            fault.click();
            Locator row = page.getByTestId("quarantine-item")
                    .filter(new Locator.FilterOptions().setHasText(text(keys.get(0))));
            row.waitFor();
            BrowserIT.shoot(page, "8-quarantine");

            // One record is mended by hand.
            row.getByTestId("quarantine-raw").click();
            BrowserIT.type(page, "purpose", "核对性别代码");
            page.getByTestId("purpose-confirm").click();
            Locator raw = page.locator("[data-testid=quarantine-text] textarea, textarea[data-testid=quarantine-text]");
            raw.waitFor();
            assertThat(raw.inputValue()).contains("\"xb\": \"3\"", name(keys.get(0)));
            raw.fill(raw.inputValue().replace("\"xb\": \"3\"", "\"xb\": \"1\""));
            BrowserIT.shoot(page, "9-quarantine-raw");
            page.getByTestId("quarantine-try").click();
            page.locator("[data-testid=dry-record][data-outcome=APPLIED]").waitFor();
            page.getByTestId("difference").first().waitFor();
            assertThat(waiting(keys)).as("a dry run changes nothing").isEqualTo(4);
            BrowserIT.shoot(page, "10-dry-run");
            BrowserIT.type(page, "replay-why", "已与社区核对");
            page.getByTestId("replay-start").click();
            page.waitForSelector("[data-testid=replay-run], [data-testid=replay-dialog] .note");
            BrowserIT.shoot(page, "11-replay");
            page.getByTestId("replay-run")
                    .filter(new Locator.FilterOptions().setHasText("完成"))
                    .waitFor();
            assertThat(complaints).as("errors in the browser's console").isEmpty();
        }
        assertThat(status(keys, "REPLAYED")).isEqualTo(1);
        assertThat(persons(keys)).isEqualTo(1);
    }

    @Test
    void aReplayThatIsKilledHasDoneItsStepsWholeAndAnotherGoesOn() {
        List<Integer> keys = unknownSex('4', 60);
        mend('4');
        Map<String, Object> which = selection(keys);
        String run = start(which, 10);
        await("a second step").atMost(PATIENCE).until(() -> status(keys, "REPLAYED") > 10);
        bed.hub().kill();

        long taken = status(keys, "REPLAYED");
        assertThat(taken).isBetween(11L, 59L);
        assertThat(persons(keys)).isEqualTo(taken);
        assertThat(bed.tables().number("select applied from run_count where run_id = ?", Long.parseLong(run)))
                .isEqualTo(taken);
        bed.hub().start();
        String token = dryRun(which).path("token").asText();
        await("the lost process to be given up")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> bed.admin()
                                .post("/quarantine/replays", replay(which, token, 1000))
                                .status()
                        == 202);
        await("the rest").atMost(PATIENCE).until(() -> waiting(keys) == 0);
        assertThat(persons(keys)).isEqualTo(60);
        assertThat(bed.tables().number("""
                        select count(*) from change c
                         where c.op = 'CREATED' and c.entity_type = 'Person'
                           and c.entity_id in (select r.entity_id from source_record r join stream s on s.id = r.stream_id
                                                where s.stream = 'member-person' and length(r.key) = 6
                                                  and r.key between ? and ?)""", text(keys.get(0)), text(keys.get(59))))
                .as("nobody is there twice")
                .isEqualTo(60);
        assertThat(bed.tables().rows("select status from run where id = ?", Long.parseLong(run)))
                .containsExactly(List.of("FAILED"));
    }
}
