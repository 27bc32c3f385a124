package io.yimen.simulators;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The packaged hub below Yimen's folder, as {@code ./yimen start} runs it. */
public final class HubProgram {
    /** What was measured to be best for the hub of a community, see docs/performance.md. */
    private static final List<String> OPTIONS = List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private final Path jar;

    /**
     * @param home Yimen's folder
     * @throws SimulatorException if the hub is not built
     */
    public HubProgram(Path home) {
        this.jar = home.resolve("routes/target/quarkus-app/quarkus-run.jar");
        if (!Files.exists(jar)) {
            throw new SimulatorException("The hub is not built: run mvn -DskipTests package in " + home);
        }
    }

    /** Options of its JVM, unless others are wanted. */
    public static List<String> options() {
        return OPTIONS;
    }

    /** What {@code java} is given to run it. */
    public List<String> arguments(List<String> options) {
        List<String> arguments = new ArrayList<>(options);
        arguments.add("-jar");
        arguments.add(jar.toString());
        return arguments;
    }
}
