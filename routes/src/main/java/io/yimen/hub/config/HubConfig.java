package io.yimen.hub.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every key of the hub. They are read, the later winning, from {@code yimen.yaml}, the environment
 * ({@code YIMEN_POOL_JDBC_URL}) and system properties. A key that is not here stops the start.
 */
@ConfigMapping(prefix = "yimen")
public interface HubConfig {
    /** The configuration file; where it is not given, {@code yimen.yaml} in the working directory is read if there. */
    Optional<Path> config();

    /** The pool's database. */
    Pool pool();

    /** Sealing of sensitive values. */
    Vault vault();

    /** Publishing of changes. */
    Kafka kafka();

    /** Which source systems are read. */
    Connectors connectors();

    /** {@code yimen.connector.ID.PARAMETER}: what the manifest of connector ID declares under {@code parameters}. */
    Map<String, Map<String, String>> connector();

    /** The first administrator. */
    Admin admin();

    /** Sessions of the portal and of clients. */
    Session session();

    /** How corrections are dealt with. */
    Corrections corrections();

    /** How people are erased. */
    Erasure erasure();

    /** Accounts for trying Yimen out. */
    Demo demo();

    /** The pool's database. */
    interface Pool {
        /** {@code jdbc:postgresql://host:port/database}. */
        String jdbcUrl();

        /** Owner of the pool's tables; may create the role {@code yimen_reader}. */
        String username();

        /** Its password; empty where the database asks for none. */
        Optional<String> password();
    }

    /** Sealing of sensitive values. */
    interface Vault {
        /** File with the 32-byte key in hex, readable by the hub's user only. Lost key, lost values: keep a copy. */
        Path keyFile();

        /** Whether a missing key file is created. Leave it off once there is a pool. */
        @WithDefault("false")
        boolean create();
    }

    /** Publishing of changes. */
    interface Kafka {
        /** {@code host:port,host:port}; nothing is published where it is empty. */
        Optional<String> bootstrapServers();
    }

    /** Which source systems are read. */
    interface Connectors {
        /** Folder with one folder a connector. */
        @WithDefault("connectors/catalog")
        Path catalog();

        /** Ids of the connectors that run, {@code *} for all in the catalog, {@code none} for none. */
        @WithDefault("*")
        List<String> enabled();

        /**
         * Folder with one folder a connector that may come, change and go while the hub runs; none where it is not given.
         */
        Optional<Path> folder();

        /**
         * Whether everything that connectors ask for is approved as they are found. For trying out; where there is real
         * data people approve, with {@code yimen connector approve}.
         */
        @WithDefault("false")
        boolean approve();
    }

    /** The first administrator. */
    interface Admin {
        /** Login that is created when there is no account yet. */
        @WithDefault("admin")
        String login();

        /** File whose first line is its password, of 12 characters or more. There is no default password. */
        Optional<Path> passwordFile();
    }

    /** Sessions of the portal and of clients. */
    interface Session {
        /** How long a session lasts, ISO-8601. */
        @WithDefault("PT12H")
        Duration lifetime();
    }

    /** How corrections are dealt with. */
    interface Corrections {
        /** Who accepts a correction: {@code self}, {@code street} (an officer) or {@code owner} (of the system). */
        @WithDefault("self")
        String level();

        /** The same for single sources, e.g. {@code election=owner}. */
        Optional<List<String>> levels();

        /** Working days that the owner of a system has to answer a ticket. */
        @WithDefault("5")
        int answerDays();

        /**
         * Ids of the connectors into whose systems Yimen itself writes what its manifest lets be written, see {@code
         * writeBack} there; nothing is ever written where it is not given.
         */
        Optional<List<String>> writeBack();

        /** File with holidays and worked weekend days; those that come with Yimen where it is not given. */
        Optional<Path> workingDays();

        /**
         * Folder into which the tickets that wait are written on every working day, a workbook a system; none where it is
         * not given. Whoever fetches them may take them away.
         */
        Optional<Path> ticketFolder();
    }

    /** How people are erased. */
    interface Erasure {
        /** Whether somebody else than who asks for an erasure has to accept it. */
        @WithDefault("true")
        boolean fourEyes();

        /** File with legal grounds and with what is to be kept; the rules that come with Yimen where it is not given. */
        Optional<Path> rules();
    }

    /** Accounts for trying Yimen out. */
    interface Demo {
        /** Whether the demo's accounts are created at the start; never where there is real data. */
        @WithDefault("false")
        boolean accounts();

        /** Their password, 8 characters or more; required with them. Accounts that are there keep theirs. */
        Optional<String> password();
    }
}
