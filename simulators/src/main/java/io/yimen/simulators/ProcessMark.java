package io.yimen.simulators;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A process as a file remembers it: its number and when it started, so that a number given to another process later is
 * not taken for it.
 *
 * @param pid the process number
 * @param startedMillis when it started, milliseconds since the epoch
 */
public record ProcessMark(long pid, long startedMillis) {
    /** The system's boot time, from which starts are computed, may be corrected by the clock's discipline. */
    private static final long TOLERANCE_MILLIS = 2_000;

    /** The process that this code runs in. */
    public static ProcessMark ofThisProcess() {
        return of(ProcessHandle.current());
    }

    public static ProcessMark of(ProcessHandle process) {
        return new ProcessMark(
                process.pid(),
                process.info().startInstant().map(Instant::toEpochMilli).orElse(0L));
    }

    /** What {@link #write} left in {@code file}; empty where there is none or it cannot be read. */
    public static Optional<ProcessMark> read(Path file) {
        try {
            String[] parts =
                    Files.readString(file, StandardCharsets.UTF_8).strip().split(" ");
            return parts.length < 2
                    ? Optional.empty()
                    : Optional.of(new ProcessMark(Long.parseLong(parts[0]), Long.parseLong(parts[1])));
        } catch (NoSuchFileException | NumberFormatException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Leaves this mark in {@code file}, whole or not at all. */
    public void write(Path file) {
        try {
            Path next = file.resolveSibling(file.getFileName() + ".next");
            Files.writeString(next, pid + " " + startedMillis + "\n", StandardCharsets.UTF_8);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The process itself, if it still runs. */
    public Optional<ProcessHandle> findAlive() {
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .filter(p -> Math.abs(of(p).startedMillis - startedMillis) <= TOLERANCE_MILLIS);
    }

    /** Whether this is the process that asks. */
    public boolean isThisProcess() {
        return pid == ProcessHandle.current().pid();
    }

    /** Asks {@code process} to end and, when it has not after {@code patience}, ends it. */
    public static void end(ProcessHandle process, Duration patience) {
        process.destroy();
        if (!awaitEnd(process, patience)) {
            process.destroyForcibly();
            awaitEnd(process, Duration.ofSeconds(10));
        }
    }

    /** Whether {@code process} ended within {@code patience}. */
    static boolean awaitEnd(ProcessHandle process, Duration patience) {
        try {
            process.onExit().get(patience.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new SimulatorException("Cannot wait for process " + process.pid(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !process.isAlive();
        }
    }
}
