package io.yimen.simulators;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The packaged hub below Yimen's folder, as {@code ./yimen start} runs it. */
public final class HubProgram {
    /** What was measured to be best for the hub of a community, see docs/performance.md. */
    private static final List<String> OPTIONS = List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private static final String FOLDER = "routes/target/hub";

    private final Path jar;
    private final Path archive;
    private final Path mark;

    /**
     * @param home Yimen's folder
     * @throws SimulatorException if the hub is not built
     */
    public HubProgram(Path home) {
        this.jar = home.resolve(FOLDER).resolve("yimen-hub.jar");
        this.archive = home.resolve(FOLDER).resolve("yimen-hub.jsa");
        this.mark = archive.resolveSibling("yimen-hub.jsa.size");
        if (!Files.exists(jar)) {
            throw new SimulatorException("The hub is not built: run mvn -DskipTests package in " + home);
        }
    }

    /** Options of its JVM, unless others are wanted. */
    public static List<String> options() {
        return OPTIONS;
    }

    public Path jar() {
        return jar;
    }

    /**
     * The archive of the hub's classes in the form that the JVM works with. It is of use to the very JVM and the very jars
     * that it was made with; every other start goes on without it, and without a word.
     */
    public Path archive() {
        return archive;
    }

    /**
     * Marks the archive as whole. The JVM itself does not look whether one was cut short, and ends when it comes to what
     * is missing; {@code ./yimen} looks at the same mark.
     */
    public void markArchive() throws IOException {
        Files.writeString(mark, Long.toString(Files.size(archive)));
    }

    /** Takes the mark away: the archive is about to be another one. */
    public void unmarkArchive() throws IOException {
        Files.deleteIfExists(mark);
    }

    private boolean isArchiveWhole() {
        try {
            return Files.exists(mark)
                    && Files.exists(archive)
                    && Files.readString(mark).strip().equals(Long.toString(Files.size(archive)));
        } catch (IOException e) {
            // It starts without.
            return false;
        }
    }

    /** What {@code java} is given to run it. */
    public List<String> arguments(List<String> options) {
        List<String> arguments = new ArrayList<>(options);
        if (isArchiveWhole()) {
            arguments.add("-XX:SharedArchiveFile=" + archive);
            arguments.add("-Xlog:cds=off");
        }
        arguments.addAll(program());
        return arguments;
    }

    /** The same without the archive. */
    public List<String> program() {
        return List.of(
                "-Dfile.encoding=UTF-8",
                "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                "-jar",
                jar.toString());
    }
}
