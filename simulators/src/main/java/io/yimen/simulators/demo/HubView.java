package io.yimen.simulators.demo;

import io.yimen.client.ApiClient;
import io.yimen.client.ApiException;
import io.yimen.client.OperationsApi;
import io.yimen.client.SessionApi;
import io.yimen.client.model.Credentials;
import io.yimen.client.model.Run;
import io.yimen.client.model.RunPage;
import io.yimen.client.model.RunStatus;
import io.yimen.client.model.Source;
import io.yimen.client.model.Stream;
import io.yimen.client.model.StreamCounts;
import io.yimen.client.model.Summary;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The hub as its API shows it to an administrator. */
final class HubView {
    /** One stream's records in all runs, as the hub counted them. */
    record Count(String source, String stream, long read, long applied, long unchanged, long stale, long quarantined) {
        private Count plus(StreamCounts c) {
            return new Count(
                    source,
                    stream,
                    read + c.getRead(),
                    applied + c.getApplied(),
                    unchanged + c.getUnchanged(),
                    stale + c.getStale(),
                    quarantined + c.getQuarantined());
        }
    }

    private final ApiClient client;
    private final OperationsApi operations;
    private String token = "";

    HubView(int port) {
        client = new ApiClient();
        client.updateBaseUri("http://127.0.0.1:" + port + "/api/v1");
        client.setConnectTimeout(Duration.ofSeconds(2));
        client.setReadTimeout(Duration.ofSeconds(30));
        client.setRequestInterceptor(request -> {
            if (!token.isEmpty()) {
                request.header("Authorization", "Bearer " + token);
            }
        });
        operations = new OperationsApi(client);
    }

    void signIn(String login, String password) throws ApiException {
        token = new SessionApi(client)
                .signIn(new Credentials().login(login).password(password))
                .getToken();
    }

    List<Source> sources() throws ApiException {
        return operations.listSources().getSources();
    }

    Summary summary() throws ApiException {
        return operations.getSummary();
    }

    /**
     * Whether nothing is on its way any more: every source is through, every change is published. A capture that ended
     * before {@code launch} says nothing about what its source did since.
     */
    static boolean isSettled(List<Source> sources, Summary summary, Instant launch) {
        Long published = summary.getPublished();
        return !sources.isEmpty()
                && sources.stream().allMatch(source -> isThrough(source.getLastRun(), launch))
                && (published == null || published >= summary.getLastChange());
    }

    private static boolean isThrough(@Nullable Run run, Instant launch) {
        return isThrough(run)
                && run != null
                && (run.getKind().equals("pull")
                        || run.getStartedAt().toInstant().isAfter(launch));
    }

    static boolean isThrough(@Nullable Run run) {
        return run != null && (run.getStatus() == RunStatus.LIVE || run.getStatus() == RunStatus.COMPLETED);
    }

    /** What all runs together counted, a line a stream, in the order of the sources. */
    List<Count> counts() throws ApiException {
        Map<String, Count> counts = new LinkedHashMap<>();
        for (Source source : sources()) {
            for (Stream stream : source.getStreams()) {
                counts.put(
                        source.getId() + "/" + stream.getStream(),
                        new Count(source.getId(), stream.getStream(), 0, 0, 0, 0, 0));
            }
        }
        String cursor = null;
        do {
            RunPage page = operations.listRuns(null, cursor, 200);
            for (Run run : page.getRuns()) {
                for (StreamCounts c : run.getCounts()) {
                    counts.computeIfPresent(run.getSource() + "/" + c.getStream(), (key, sum) -> sum.plus(c));
                }
            }
            cursor = page.getNextCursor();
        } while (cursor != null);
        return new ArrayList<>(counts.values());
    }
}
