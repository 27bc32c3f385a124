package io.yimen.hub;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.quarkus.vertx.http.HttpServer;
import io.yimen.hub.command.Commands;
import io.yimen.hub.config.ConfigCheck;
import io.yimen.pool.PoolException;
import java.util.List;
import java.util.OptionalInt;
import org.jboss.logging.Logger;

/** The hub's process. By the time {@link #run} is called HTTP is up and answers 503. */
@QuarkusMain
public class Hub implements QuarkusApplication {
    /** Exit code: the configuration is wrong, or what it names is not there. */
    static final int MISCONFIGURED = 2;

    private static final Logger LOG = Logger.getLogger(Hub.class);

    private final Lifecycle lifecycle;
    private final HttpServer http;

    Hub(Lifecycle lifecycle, HttpServer http) {
        this.lifecycle = lifecycle;
        this.http = http;
    }

    @SuppressWarnings("SystemExitOutsideMain")
    public static void main(String... args) {
        try {
            OptionalInt done = Commands.run(List.of(args));
            if (done.isPresent()) {
                System.exit(done.getAsInt());
            }
            ConfigCheck.run();
        } catch (StartRefused e) {
            refuse(e);
            System.exit(MISCONFIGURED);
        }
        Quarkus.run(Hub.class, args);
    }

    /** One line a reason; they are read by a person at a terminal, before and without any log. */
    private static void refuse(StartRefused e) {
        e.reasons().forEach(reason -> System.err.println("yimen: cannot start: " + reason));
    }

    @Override
    public int run(String... args) throws Exception {
        try {
            lifecycle.start();
        } catch (StartRefused e) {
            refuse(e);
            return MISCONFIGURED;
        } catch (PoolException e) {
            refuse(new StartRefused(String.valueOf(e.getMessage())));
            return e.kind() == PoolException.Kind.CONFIGURATION ? MISCONFIGURED : 1;
        }
        LOG.infof(
                "Yimen is up at %s, management at http://127.0.0.1:%d",
                http.getLocalBaseUri(), http.getManagementPort());
        Quarkus.waitForExit();
        return 0;
    }
}
