package io.yimen.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.WaitForSelectorState;
import io.yimen.simulators.Division;
import io.yimen.simulators.DivisionDrop;
import io.yimen.simulators.Fault;
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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Faults of sources, networks and servers, each with its exact outcome: what harms one source harms no other, nothing
 * is lost or retired by mistake, and when the fault is over the pool is what the sources are.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FaultIT {
    private static final String DIVISIONS = "divisions-2023";
    private static final String CREDIT_CODES = "credit-codes";
    private static final String DROP = "divisions-2016";
    private static final String ELECTION = "election";
    private static final Duration PATIENCE = TestBed.PATIENCE;
    private static final Duration OUTAGE = Duration.ofMinutes(1);
    private static final Duration TIMEOUT = Duration.ofSeconds(3);
    private static final String CATALOG = "yimen.connectors.catalog";
    private static final String NO_ROWS = "{\"code\":0,\"total\":0,\"page\":1,\"pages\":0,\"rows\":[]}";

    private final TestBed bed =
            new TestBed(new TestBed.Size("fault", 11, 40, Set.of("110101", "110102", "110105"), 0, true));
    private int serial;

    @BeforeAll
    void fill() {
        bed.writeDrop();
        bed.hub().start();
        bed.awaitSettled();
        bed.putAccounts();
    }

    @BeforeEach
    void allIsWell() {
        bed.divisions().faults().clear();
        bed.creditCodes().faults().clear();
        if (!bed.broker().isRunning()) {
            bed.broker().start();
        }
        if (!bed.poolServer().isRunning()) {
            bed.poolServer().start();
        }
        if (!bed.election().database().isRunning()) {
            bed.election().database().start();
        }
        if (!bed.hub().isRunning()) {
            bed.hub().start();
        }
    }

    @AfterAll
    void close() {
        bed.close();
    }

    // REST

    @Test
    void aServiceThatFailsInTheMiddleOfAPullLosesNothing() {
        assertPullFails(DIVISIONS, new Fault.Status(500, ""), "http-500");
    }

    @Test
    void aServiceThatAsksToWaitIsWaitedFor() {
        assertPullFails(DIVISIONS, new Fault.Status(429, "1"), "http-429");
    }

    /** The service is there and takes the request; its answer comes after the time in which it is waited for. */
    @Test
    void aServiceThatDoesNotAnswerInTimeLosesNothing() throws IOException {
        Path impatient = Places.folder("catalog");
        Places.copyCatalog(impatient);
        Path manifest = impatient.resolve(DIVISIONS).resolve("connector.yaml");
        String settings = "  interval: \"${interval}\"\n";
        assertThat(Files.readString(manifest)).containsOnlyOnce(settings).doesNotContain("timeout:");
        Files.writeString(
                manifest, Files.readString(manifest).replace(settings, settings + "  timeout: " + TIMEOUT + "\n"));
        bed.hub().stop();
        bed.hub().with(CATALOG, impatient.toString()).start();
        try {
            // Once late: tried again within the pull, which goes on as if nothing had been.
            long run = lastRun(DIVISIONS);
            bed.divisions().faults().next(new Fault.Delay(TIMEOUT.multipliedBy(2)));
            awaitPull(DIVISIONS);
            assertThat(bed.tables()
                            .number(
                                    "select count(*) from run where source = ? and id >= ? and status = 'FAILED'",
                                    DIVISIONS,
                                    run))
                    .as("failed runs after one late answer")
                    .isZero();
            // Late for as long as the fault lasts: the pull fails.
            assertPullFails(DIVISIONS, new Fault.Delay(TIMEOUT.multipliedBy(2)), "timeout");
        } finally {
            bed.divisions().faults().clear();
            bed.hub().stop();
            bed.hub().with(CATALOG, Places.catalog().toString()).start();
        }
    }

    @Test
    void aConnectionThatIsCutInTheMiddleOfAPageLosesNothing() {
        assertPullFails(DIVISIONS, new Fault.Cut(5_000), "connection");
    }

    @Test
    void aPageThatEndsEarlyLosesNothing() {
        assertPullFails(DIVISIONS, new Fault.Truncated(5_000), "malformed-json");
    }

    @Test
    void anErrorPageInsteadOfRowsRetiresNothing() {
        assertPullFails(DIVISIONS, new Fault.Body("<html>网关错误</html>"), "malformed-json");
    }

    @Test
    void aPageThatRepeatsRetiresNothing() {
        assertPullFails(DIVISIONS, new Fault.RepeatPage(1), "repeated-page");
    }

    @Test
    void aPageThatIsEmptyTooEarlyRetiresNothing() {
        long before = live(DIVISIONS);
        bed.divisions().faults().onPage(2, new Fault.Body(NO_ROWS));
        long run = awaitPull(DIVISIONS);
        assertThat(bed.tables()
                        .rows("select message from run where id = ?", run)
                        .get(0)
                        .get(0))
                .contains("nothing is retired");
        assertThat(live(DIVISIONS)).isEqualTo(before);
        bed.divisions().faults().clear();
        awaitPull(DIVISIONS);
        assertPoolIsWhatTheSourcesAre();
    }

    @Test
    void aRegisterThatSaysItIsEmptyStopsAndAsks() {
        long before = live(DIVISIONS);
        long last = lastRun(DIVISIONS);
        bed.divisions().faults().always(new Fault.Body(NO_ROWS));
        await("a red run")
                .atMost(PATIENCE)
                .until(() -> bed.tables()
                                .number(
                                        "select count(*) from run where source = ? and id > ? and status = 'RED'",
                                        DIVISIONS,
                                        last)
                        > 0);
        assertThat(live(DIVISIONS)).isEqualTo(before);
        assertElectionGoesOn();
        // A person has looked after it and starts the hub again.
        bed.divisions().faults().clear();
        bed.hub().stop();
        bed.hub().start();
        awaitPull(DIVISIONS);
        assertPoolIsWhatTheSourcesAre();
    }

    @Test
    void brokenXmlInTheMiddleOfAPullLosesNothing() {
        assertPullFails(CREDIT_CODES, new Fault.Truncated(20_000), "malformed-xml");
    }

    @Test
    void xmlInAnotherCharsetThanDeclaredIsRefusedAndNotGarbled() {
        assertPullFails(CREDIT_CODES, new Fault.WrongCharset(StandardCharsets.UTF_8), "charset");
    }

    @Test
    void aFieldThatNobodyAnnouncedIsDroppedBeforeItIsStored() {
        long before = live(DIVISIONS);
        bed.divisions().faults().always(new Fault.UnknownField("yhkh"));
        awaitPull(DIVISIONS);
        bed.divisions().faults().clear();
        assertThat(live(DIVISIONS)).isEqualTo(before);
        List<String> met = new ArrayList<>();
        bed.tables().forEachRow((table, row) -> {
            if (row.contains("yhkh")) {
                met.add(table);
            }
        });
        assertThat(met).as("tables that hold the unannounced field").isEmpty();
        assertPoolIsWhatTheSourcesAre();
    }

    /**
     * Page 2 is spoilt for a while: the pull fails and says why, what page 1 told is there or waits, nothing is retired,
     * other sources go on; then all is right again.
     */
    private void assertPullFails(String source, Fault fault, String told) {
        long before = live(source);
        long run = lastRun(source);
        var faults = source.equals(DIVISIONS)
                ? bed.divisions().faults()
                : bed.creditCodes().faults();
        faults.onPage(2, fault);
        List<String> failed = failedRun(source, run);
        assertThat(failed.get(1)).as("what the run says").isNotEqualTo("null").contains(told);
        assertThat(live(source)).as("live records of %s while it fails", source).isEqualTo(before);
        awaitPull(source.equals(DIVISIONS) ? CREDIT_CODES : DIVISIONS);
        assertElectionGoesOn();
        faults.clear();
        awaitPull(source);
        assertPoolIsWhatTheSourcesAre();
    }

    // Rows

    @Test
    void aCreditCodeWithAWrongCheckDigitIsKeptAndFlagged() {
        Map<String, String> row = new LinkedHashMap<>(bed.creditCodes().rows().get(3));
        String right = row.getOrDefault("tyshxydm", "");
        char last = right.charAt(17);
        String wrong = right.substring(0, 17) + (last == '3' ? '4' : '3');
        row.put("tyshxydm", wrong);
        bed.creditCodes().remove(right);
        bed.creditCodes().put(row);
        awaitPull(CREDIT_CODES);
        awaitPull(CREDIT_CODES);
        List<JsonNode> found =
                bed.admin().all("/ledgers/organizations?filter=" + HubClient.encode("creditCode:" + wrong), "records");
        assertThat(found).hasSize(1);
        assertThat(found.get(0).path("fields").path("creditCode").path("flags").toString())
                .contains("check-digit");
        bed.creditCodes().remove(wrong);
        row.put("tyshxydm", right);
        bed.creditCodes().put(row);
        assertPoolIsWhatTheSourcesAre();
    }

    @Test
    void anIdNumberWithADayThatDoesNotExistWaitsInQuarantine() {
        int key = 700_000 + ++serial;
        // 30 February; the check character is right.
        String number = "11010119800230996";
        String checked = number + checkCharacter(number);
        election("insert into t_cy select " + key + ", jw_id, 11, xzqh, '欧阳测', '1', '" + checked
                + "', '19800228', '01', '13', '20', '14200000001', '3', '2026-01-01', null, '1', gxsj"
                + " from t_jw order by jw_id limit 1");
        await("the row in quarantine")
                .atMost(PATIENCE)
                .until(() -> !quarantined(ELECTION, "member-person", key).isEmpty());
        List<String> item = quarantined(ELECTION, "member-person", key);
        assertThat(item).containsExactly("invalid-id-number", "sfzh", "WAITING");
        JsonNode listed = bed.admin().all("/quarantine?source=election&status=WAITING", "items").stream()
                .filter(i -> i.path("key").asText().equals(Integer.toString(key))
                        && i.path("stream").asText().equals("member-person"))
                .findFirst()
                .orElseThrow();
        assertThat(listed.toString()).doesNotContain(checked);
        assertThat(listed.path("reason").asText()).isEqualTo("invalid-id-number");
        assertThat(listed.path("field").asText()).isEqualTo("sfzh");

        String raw = "/quarantine/" + listed.path("id").asText() + "/raw";
        assertThat(bed.officer().post(raw, Map.of("purpose", "核对证件")).status()).isEqualTo(403);
        long audited = bed.tables().number("select count(*) from audit where actor = 'admin'");
        assertThat(bed.admin()
                        .post(raw, Map.of("purpose", "核对证件"))
                        .body()
                        .path("text")
                        .asText())
                .contains(checked)
                .contains("欧阳测");
        assertThat(bed.tables().number("select count(*) from audit where actor = 'admin'"))
                .isEqualTo(audited + 1);
        // The post of the same row is right and is applied.
        assertThat(bed.tables().number("""
                                select count(*) from source_record r join stream s on s.id = r.stream_id
                                 where s.source = 'election' and s.stream = 'membership' and r.key = ? and not r.deleted""", Integer.toString(key))).isEqualTo(1);

        // The clerk corrects it: what waited is superseded, and the person is there.
        String right = "11010119800227996";
        election("update t_cy set sfzh = '" + right + checkCharacter(right) + "' where cy_id = " + key);
        await("the corrected row")
                .atMost(PATIENCE)
                .until(() -> quarantined(ELECTION, "member-person", key).contains("SUPERSEDED"));
        election("delete from t_cy where cy_id = " + key);
        assertPoolIsWhatTheSourcesAre();
    }

    @Test
    void aKeyThatStandsTwiceInAPageIsCountedAndHarmsNoOtherRow() {
        long before = live(DIVISIONS);
        bed.divisions().faults().onPage(1, new Fault.DuplicateKey());
        long run = awaitPull(DIVISIONS);
        assertThat(live(DIVISIONS)).isEqualTo(before);
        // The same row twice says nothing new.
        long places = bed.divisions().rows().size();
        assertThat(counts(run, "place"))
                .as("read, applied, unchanged, stale, quarantined")
                .containsExactly(places + 1, 0L, places, 1L, 0L);
        bed.divisions().faults().clear();
        assertPoolIsWhatTheSourcesAre();
    }

    @Test
    void aNulByteWaitsInQuarantineAndHarmsNoOtherRow() {
        assertFirstRowIsQuarantined(new Fault.Nul(), "nul-character");
    }

    @Test
    void aRowOfTenMegabytesHarmsNoOtherRow() {
        assertFirstRowIsQuarantined(new Fault.HugeRow(3_500_000), "too-large");
    }

    private void assertFirstRowIsQuarantined(Fault fault, String reason) {
        String key = bed.divisions().rows().get(0).getOrDefault("dm", "");
        long before = live(DIVISIONS);
        bed.divisions().faults().onPage(1, fault);
        await("the row in quarantine").atMost(PATIENCE).until(() -> bed.tables().number("""
                                        select count(*) from quarantine q join stream s on s.id = q.stream_id
                                         where s.source = ? and s.stream = 'place' and q.key = ? and q.status = 'WAITING'""", DIVISIONS, key) > 0);
        assertThat(bed.tables().rows("""
                                select q.reason, q.field from quarantine q join stream s on s.id = q.stream_id
                                 where s.source = ? and q.key = ? and q.status = 'WAITING'""", DIVISIONS, key)).containsExactly(List.of(reason, "mc"));
        assertThat(live(DIVISIONS)).as("live records").isEqualTo(before);
        bed.divisions().faults().clear();
        await("what waited is superseded by the right row")
                .atMost(PATIENCE)
                .until(() -> bed.tables().number("""
                                        select count(*) from quarantine q join stream s on s.id = q.stream_id
                                         where s.source = ? and q.key = ? and q.status = 'WAITING'""", DIVISIONS, key) == 0);
        assertPoolIsWhatTheSourcesAre();
    }

    // Files

    @Test
    void aFileWithFewerRowsThanDeclaredIsRefusedWhole() {
        List<Division> rows = bed.drop().rows();
        byte[] half = DivisionDrop.encode(DivisionDrop.csv(rows.subList(0, rows.size() / 2)));
        assertThat(assertFileFails(half, rows.size())).contains("truncated");
    }

    @Test
    void aFileThatEndsInTheMiddleOfARowRetiresNothing() {
        List<Division> rows = bed.drop().rows();
        String csv = DivisionDrop.csv(rows);
        String last = rows.get(rows.size() - 1).code();
        byte[] cut = DivisionDrop.encode(csv.substring(0, csv.lastIndexOf("\n" + last) + 16));
        long before = live(DROP);
        long run = lastRun(DROP);
        bed.drop().write(bed.nextNight(), cut, rows.size());
        await("the run of the cut file")
                .atMost(PATIENCE)
                .until(() -> bed.tables()
                                .number(
                                        "select count(*) from run where source = ? and id > ? and status = 'COMPLETED'",
                                        DROP,
                                        run)
                        == 1);
        assertThat(bed.tables()
                        .rows("select message from run where source = ? and id > ?", DROP, run)
                        .get(0)
                        .get(0))
                .contains("nothing is retired");
        assertThat(bed.tables().rows("""
                                select q.reason, q.key, q.status from quarantine q join stream s on s.id = q.stream_id
                                 where s.source = ? and q.run_id > ?""", DROP, run))
                .containsExactly(List.of("column-count", "line " + (rows.size() + 1), "WAITING"));
        assertThat(live(DROP)).as("live records").isEqualTo(before);
        bed.writeDrop();
        assertPoolIsWhatTheSourcesAre();
    }

    @Test
    void aFileInAnotherCharsetIsRefusedWhole() {
        List<Division> rows = bed.drop().rows();
        byte[] utf8 = DivisionDrop.csv(rows).getBytes(StandardCharsets.UTF_8);
        assertFileFails(utf8, rows.size());
        byte[] utf16 = DivisionDrop.csv(rows).getBytes(StandardCharsets.UTF_16);
        assertFileFails(utf16, rows.size());
    }

    @Test
    void aFileWithAColumnThatNobodyDeclaredIsRefusedByItsName() {
        List<Division> rows = bed.drop().rows();
        String csv = DivisionDrop.csv(rows).replaceFirst("街镇\r\n", "街镇,负责人电话\r\n");
        StringBuilder wide = new StringBuilder();
        csv.lines()
                .forEach(line -> wide.append(line)
                        .append(wide.isEmpty() ? "" : ",14200000002")
                        .append("\r\n"));
        assertThat(assertFileFails(DivisionDrop.encode(wide.toString()), rows.size()))
                .contains("负责人电话");
    }

    @Test
    void aFileThatLacksAColumnIsRefusedByItsName() {
        List<Division> rows = bed.drop().rows();
        String csv = DivisionDrop.csv(rows).replaceFirst("名称,", "名字,");
        assertThat(assertFileFails(DivisionDrop.encode(csv), rows.size())).contains("名称");
    }

    @Test
    void aFileThatWouldRetireMostOfTheSetStopsAndAsks() throws IOException {
        List<Division> rows = bed.drop().rows();
        List<Division> few = rows.subList(0, rows.size() / 10);
        long before = live(DROP);
        long run = lastRun(DROP);
        Path file = bed.drop().write(bed.nextNight(), DivisionDrop.encode(DivisionDrop.csv(few)), few.size());
        assertThat(failedRun(DROP, run).get(0)).isEqualTo("RED");
        assertThat(live(DROP)).as("live records").isEqualTo(before);
        // A person has looked after it, takes the file away and starts the hub again.
        Files.delete(file);
        Files.delete(file.resolveSibling(file.getFileName() + ".ok"));
        bed.hub().stop();
        bed.hub().start();
        bed.writeDrop();
        assertPoolIsWhatTheSourcesAre();
    }

    /** The file harms nothing, its run says why, and the next night's file is taken. */
    private String assertFileFails(byte[] content, int declared) {
        long before = live(DROP);
        long run = lastRun(DROP);
        bed.drop().write(bed.nextNight(), content, declared);
        String message = failedRun(DROP, run).get(1);
        assertThat(message).contains("xzqh-");
        assertThat(live(DROP)).as("live records").isEqualTo(before);
        awaitPull(DIVISIONS);
        bed.writeDrop();
        assertPoolIsWhatTheSourcesAre();
        return message;
    }

    // Servers

    @Test
    void aSourceDatabaseThatIsDownForAMinuteHarmsNoOtherSource() {
        long down = System.nanoTime();
        long run = lastRun(ELECTION);
        bed.election().database().kill();
        Map<String, String> village = someVillage(5);
        village.put("mc", "停机" + ++serial + "社区居委会");
        bed.divisions().put(village);
        await("the division service goes on").atMost(PATIENCE).until(() -> titles(village.getOrDefault("mc", "")) > 0);
        awaitPull(CREDIT_CODES);
        bed.writeDrop();
        assertThat(failedRun(ELECTION, run - 1).get(0)).isEqualTo("FAILED");
        // The last things that the other sources hear are heard at the end of the minute.
        hold(OUTAGE.minusNanos(System.nanoTime() - down));
        assertThat(bed.hub().isReady()).isTrue();
        awaitPull(DIVISIONS);
        awaitPull(CREDIT_CODES);
        int port = bed.election().database().port();
        bed.election().database().start();
        assertThat(bed.election().database().port())
                .as("the port that the hub knows")
                .isEqualTo(port);
        bed.election().step(20);
        assertPoolIsWhatTheSourcesAre();
    }

    @Test
    void aSlotThatWasDroppedWhileTheHubWasDownIsHealedWithoutLoss() {
        bed.hub().stop();
        election("select pg_drop_replication_slot('yimen_election')");
        bed.election().step(60);
        election("delete from t_cy where cy_id in (select cy_id from t_cy where zt = '2' order by cy_id limit 7)");
        bed.hub().start();
        assertPoolIsWhatTheSourcesAre();
        assertThat(bed.tables().rows("select 1 from run where source = 'election' and status = 'RED'"))
                .isEmpty();
    }

    @Test
    void aPoolDatabaseThatIsRestartedInTheMiddleLosesNothing() {
        bed.election().live(40);
        for (int i = 0; i < 3; i++) {
            bed.writeDrop();
            hold(Duration.ofMillis(700));
            bed.poolServer().kill();
            hold(Duration.ofMillis(1_500));
            bed.poolServer().start();
            await("the hub finds its pool again")
                    .atMost(PATIENCE)
                    .until(() -> bed.hub().isReady());
        }
        bed.election().pause();
        assertPoolIsWhatTheSourcesAre();
        assertThat(bed.hub().isRunning()).isTrue();
    }

    @Test
    void kafkaThatIsDownFromTheStartStopsNothingAndGetsEverythingLater() {
        bed.hub().stop();
        bed.broker().stop();
        bed.hub().start();
        bed.election().step(30);
        assertPoolIsWhatTheSourcesAre();
        long waiting = bed.tables().number("select max(seq) from change")
                - bed.tables().number("select max(seq) from delivery_cursor");
        assertThat(waiting).as("changes that wait for Kafka").isPositive();
        bed.broker().start();
        KillIT.assertTopicsHoldTheChangeLog(bed, bed.awaitPublished());
    }

    // What the tests look at

    // Changes that never arrive

    @Test
    void whatTheLogDidNotTellIsReadAgainFromThePortal() {
        // As somebody does who takes a table out of the publication for a while.
        election("alter publication yimen_election drop table t_cy");
        election("delete from t_cy where cy_id = (select max(cy_id) from t_cy)");
        election("update t_cy set xb = '9' where cy_id = (select min(cy_id) from t_cy)");
        election("alter publication yimen_election add table t_cy");
        bed.awaitSettled();
        long last = lastRun(ELECTION);
        String before = bed.poolHash();
        long rows = live(ELECTION);

        try (Portal portal = Portal.open(bed, 1360, 900)) {
            Page page = portal.page();
            String button = "reread-open-" + ELECTION;
            portal.signIn(TestBed.OFFICER);
            portal.go("/operations");
            page.getByTestId("runs-table").waitFor();
            assertThat(page.getByTestId(button).count())
                    .as("the button of who sees a street only")
                    .isZero();
            page.getByTestId("account-menu").click();
            page.getByTestId("sign-out").click();
            portal.signIn(TestBed.ADMIN);
            portal.go("/operations");
            page.getByTestId(button).click();
            page.getByTestId("reread-membership").check();
            portal.shoot("40-reread-zh");
            page.keyboard().press("Escape");
            page.getByTestId("reread-dialog").waitFor(gone());
            page.getByTestId("language-en").click();
            page.getByTestId(button).click();
            assertThat(page.getByTestId("reread-kind").innerText()).contains("copied beside the log");
            page.getByTestId("reread-membership").check();
            portal.shoot("41-reread-en");
            assertThat(lastRun(ELECTION))
                    .as("nothing begins before it is confirmed")
                    .isEqualTo(last);

            page.getByTestId("reread-start").click();
            Locator run = page.getByTestId("reread-run");
            run.waitFor();
            page.getByTestId("reread-dialog")
                    .getByText("Completed")
                    .waitFor(new Locator.WaitForOptions().setTimeout(PATIENCE.toMillis()));
            portal.shoot("42-reread-done-en");
            assertThat(run.innerText()).as("how many of how many").containsPattern("[1-9][0-9,]* / [1-9][0-9,]*");
            page.getByTestId("reread-close").click();
            page.getByTestId("language-zh").click();
            page.getByTestId("runs-table").getByText("补读").first().waitFor();
            portal.shoot("43-reread-runs-zh");
            assertThat(portal.complaints())
                    .as("errors in the browser's console")
                    .isEmpty();
        }
        assertThat(bed.tables()
                        .rows("select kind, status from run where source = ? and id > ? order by id", ELECTION, last))
                .startsWith(List.of("reread", "COMPLETED"));
        assertThat(live(ELECTION)).as("one person and one post less").isEqualTo(rows - 2);
        assertThat(bed.poolHash()).isNotEqualTo(before);
        assertPoolIsWhatTheSourcesAre();
    }

    private static Locator.WaitForOptions gone() {
        return new Locator.WaitForOptions().setState(WaitForSelectorState.HIDDEN);
    }

    private void assertPoolIsWhatTheSourcesAre() {
        bed.awaitSettled();
        assertThat(bed.poolHash()).as("pool against sources").isEqualTo(Reference.of(bed));
        assertThat(bed.tables().unbalancedRuns()).isEmpty();
    }

    private void assertElectionGoesOn() {
        int key = 800_000 + ++serial;
        election("insert into t_jw select " + key + ", '照常" + key
                + "社区居民委员会', '1', xzqh, qx, jz, null, '0', gxsj from t_jw order by jw_id limit 1");
        await("the election system goes on")
                .atMost(PATIENCE)
                .until(() -> bed.tables().number("""
                                        select count(*) from source_record r join stream s on s.id = r.stream_id
                                         where s.source = 'election' and s.stream = 'committee' and r.key = ?""", Integer.toString(key)) == 1);
    }

    private long live(String source) {
        return bed.tables().number("""
                        select count(*) from source_record r join stream s on s.id = r.stream_id
                         where s.source = ? and not r.deleted""", source);
    }

    /** Status and message of the first run after {@code run} that failed. */
    private List<String> failedRun(String source, long run) {
        String sql = """
                select status, message from run where source = ? and id > ? and status in ('FAILED', 'RED')
                 order by id limit 1""";
        await("a failed run of " + source)
                .atMost(PATIENCE)
                .until(() -> !bed.tables().rows(sql, source, run).isEmpty());
        return bed.tables().rows(sql, source, run).get(0);
    }

    private long lastRun(String source) {
        return bed.tables().number("select coalesce(max(id), 0) from run where source = ?", source);
    }

    /** Waits for a pull that began after now and ended well; its run. */
    private long awaitPull(String source) {
        long last = lastRun(source);
        await("a whole pull of " + source)
                .atMost(PATIENCE)
                .until(() -> bed.tables()
                                .number(
                                        "select count(*) from run where source = ? and id > ? and status = 'COMPLETED'",
                                        source,
                                        last)
                        > 0);
        return bed.tables()
                .number("select min(id) from run where source = ? and id > ? and status = 'COMPLETED'", source, last);
    }

    private List<Long> counts(long run, String stream) {
        return bed.tables().rows("""
                        select read, applied, unchanged, stale, quarantined
                          from run_count c join stream s on s.id = c.stream_id where run_id = ? and stream = ?""", run, stream).get(0).stream()
                .map(Long::parseLong)
                .toList();
    }

    private List<String> quarantined(String source, String stream, int key) {
        List<List<String>> rows = bed.tables().rows("""
                        select reason, field, status from quarantine q join stream s on s.id = q.stream_id
                         where s.source = ? and s.stream = ? and q.key = ? order by q.id""", source, stream, Integer.toString(key));
        return rows.isEmpty() ? List.of() : rows.get(0);
    }

    private long titles(String title) {
        return bed.tables().number("select count(*) from entity where title = ? and entity_type = 'Place'", title);
    }

    private Map<String, String> someVillage(int at) {
        return new LinkedHashMap<>(bed.divisions().rows().stream()
                .filter(row -> "5".equals(row.get("jb")))
                .toList()
                .get(at));
    }

    private void election(String sql) {
        try (Connection connection = bed.election().connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static char checkCharacter(String seventeen) {
        int[] weights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
        int sum = 0;
        for (int i = 0; i < 17; i++) {
            sum += (seventeen.charAt(i) - '0') * weights[i];
        }
        return "10X98765432".charAt(sum % 11);
    }

    /** A fault has to last for a while; there is nothing to wait for. */
    private static void hold(Duration time) {
        KillIT.hold(time);
    }
}
