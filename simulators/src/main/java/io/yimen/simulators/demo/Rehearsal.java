package io.yimen.simulators.demo;

import io.yimen.client.ApiException;
import io.yimen.simulators.ElectionSystem;
import io.yimen.simulators.EmbeddedDatabase;
import io.yimen.simulators.FreePorts;
import io.yimen.simulators.HubProgram;
import io.yimen.simulators.ServerFiles;
import io.yimen.simulators.ServerLog;
import io.yimen.simulators.SimulatorException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Entry at the end of a build: lets the hub read a small source once, notes which classes that takes, and has the JVM keep
 * them in an archive beside the hub's jar. The next start finds them read, verified and laid out.
 */
public final class Rehearsal {
    private static final Duration SYNC = Duration.ofMinutes(3);
    private static final Duration DUMP = Duration.ofMinutes(3);
    private static final Pattern VERSIONED = Pattern.compile("META-INF/versions/[0-9]+/(.+)\\.class");
    private static final Pattern CLASS = Pattern.compile("[\\w$]+(?:/[\\w$]+)+");

    private final HubProgram program;
    private final Path home;

    private Rehearsal(Path home) {
        this.home = home;
        this.program = new HubProgram(home);
    }

    /** Exit status: 0 done, 1 failed, of which nothing but the pace of a start depends. */
    public static void main(String[] args) {
        Path home =
                Path.of(System.getProperty("yimen.home", ".")).toAbsolutePath().normalize();
        int status = 0;
        try {
            new Rehearsal(home).run();
        } catch (DemoException | SimulatorException | ApiException | IOException e) {
            System.err.println("No archive of the hub's classes was made: " + e.getMessage());
            status = 1;
        } catch (InterruptedException e) {
            status = 1;
        }
        // Servers that were started have ended by now; threads of clients need not be waited for.
        System.exit(status);
    }

    private void run() throws IOException, InterruptedException, ApiException {
        Path own = Files.createTempDirectory("yimen-rehearsal");
        try (DemoFolder folder = DemoFolder.open(own.resolve("demo"), false)) {
            Path classes = own.resolve("classes");
            play(folder, classes);
            Files.write(classes, ofOneVersion(Files.readAllLines(classes, StandardCharsets.UTF_8)));
            archive(classes, own.resolve("log"));
        } finally {
            ServerFiles.deleteFolder(own);
        }
    }

    private void play(DemoFolder folder, Path classes) throws ApiException {
        try (EmbeddedDatabase pool = EmbeddedDatabase.start(folder.resolve("pool"));
                ElectionSystem election =
                        ElectionSystem.start(folder.resolve("election"), ElectionSystem.Options.small(1))) {
            int port = FreePorts.find();
            Map<String, String> keys = new TreeMap<>(election.keys());
            Demo.pool(pool, keys);
            Demo.hub(home, folder, keys);
            keys.put("yimen.connectors.enabled", election.connector());
            keys.put(Demo.HUB_PORT, Integer.toString(port));
            keys.put("quarkus.management.port", Integer.toString(FreePorts.find()));
            List<String> arguments = new ArrayList<>(HubProgram.options());
            arguments.add("-XX:DumpLoadedClassList=" + classes);
            arguments.addAll(program.program());
            Instant launch = Instant.now();
            try (HubChild hub = HubChild.launch(arguments, folder, keys)) {
                if (!Demo.isUp(hub)) {
                    throw Demo.ended(hub);
                }
                HubView view = new HubView(port);
                Demo.signIn(view, folder.accountPassword());
                long until = System.nanoTime() + SYNC.toNanos();
                while (!HubView.isSettled(view.sources(), view.summary(), launch)) {
                    if (Demo.pause(hub)) {
                        throw Demo.ended(hub);
                    }
                    if (System.nanoTime() > until) {
                        throw new DemoException("The hub did not read its source. " + hub.lastWords());
                    }
                }
            }
        }
    }

    /**
     * Without the classes that a jar holds once for each version of Java: the JVM would look for them at the wrong place as
     * soon as somebody records a flight, and end.
     */
    private List<String> ofOneVersion(List<String> classes) throws IOException {
        Set<String> versioned = new HashSet<>();
        try (JarFile hub = new JarFile(program.jar().toFile())) {
            String[] path = hub.getManifest()
                    .getMainAttributes()
                    .getValue(Attributes.Name.CLASS_PATH)
                    .split(" ", -1);
            for (String entry : path) {
                Path jar = program.jar().resolveSibling(entry);
                if (Files.isRegularFile(jar)) {
                    versioned(jar, versioned);
                }
            }
        }
        return classes.stream()
                .filter(line -> CLASS.matcher(line).results().noneMatch(name -> versioned.contains(name.group())))
                .toList();
    }

    private static void versioned(Path jar, Set<String> names) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            file.stream().forEach(entry -> {
                Matcher name = VERSIONED.matcher(entry.getName());
                if (name.matches()) {
                    names.add(name.group(1));
                }
            });
        }
    }

    private void archive(Path classes, Path log) throws IOException, InterruptedException {
        Path made = program.archive().resolveSibling("yimen-hub.jsa.new");
        Files.deleteIfExists(made);
        ServerLog said = ServerLog.fromNow(log);
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(HubProgram.options());
        command.addAll(List.of("-Xshare:dump", "-XX:SharedClassListFile=" + classes, "-XX:SharedArchiveFile=" + made));
        command.addAll(program.program());
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.file().toFile())
                .start();
        if (!process.waitFor(DUMP.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0 || !Files.exists(made)) {
            process.destroyForcibly();
            throw new DemoException("the JVM makes none. " + said.lastWords());
        }
        program.unmarkArchive();
        Files.move(made, program.archive(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        program.markArchive();
    }
}
