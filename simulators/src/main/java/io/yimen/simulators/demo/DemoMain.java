package io.yimen.simulators.demo;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Entry of {@code ./yimen demo}. System properties: {@code yimen.home}, the folder of the program; {@code
 * yimen.demo.terminal}, whether somebody watches.
 */
public final class DemoMain {
    private DemoMain() {}

    /** Exit status: 0 done, 1 failed, 2 wrong usage. */
    public static void main(String[] args) {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        DemoOptions options;
        try {
            options = DemoOptions.parse(List.of(args));
        } catch (DemoException e) {
            err.println(e.getMessage());
            System.exit(2);
            return;
        }
        Path home =
                Path.of(System.getProperty("yimen.home", ".")).toAbsolutePath().normalize();
        Screen screen = new Screen(options.json() ? err : out, Boolean.getBoolean("yimen.demo.terminal"));
        Demo demo = new Demo(home, options, screen);
        AtomicBoolean ending = new AtomicBoolean();
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            if (!ending.getAndSet(true)) {
                                err.println();
                                err.println("Stopping");
                            }
                            demo.close();
                        },
                        "demo-end"));
        int status = 0;
        try {
            Report report = demo.run();
            demo.close();
            if (options.json()) {
                out.println(report.json());
            } else {
                out.println();
                out.print(report.table());
            }
            out.flush();
        } catch (DemoException | io.yimen.simulators.SimulatorException | java.io.UncheckedIOException e) {
            if (!ending.get()) {
                err.println("yimen demo: " + e.getMessage());
            }
            status = 1;
        } finally {
            ending.set(true);
            demo.close();
        }
        System.exit(status);
    }
}
