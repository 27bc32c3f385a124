package io.yimen.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;

/** CPU that Linux counted, in nanoseconds, to a hundredth of a second. Of what has ended, nothing. */
public final class Cpu {
    private static final long NANOS_A_TICK = 10_000_000;
    // Of what stands after the name in a file stat.
    private static final int OWN = 11;
    private static final int OF_ENDED_CHILDREN = 13;
    private static final int END = 15;

    private Cpu() {}

    /** Of a process and all below it, those that have ended included. */
    public static long ofTree(long pid) {
        return ProcessHandle.of(pid).stream()
                .flatMap(p -> Stream.concat(Stream.of(p), p.descendants()))
                .mapToLong(p -> ticks(Path.of("/proc", Long.toString(p.pid()), "stat"), END) * NANOS_A_TICK)
                .sum();
    }

    /** Of a process alone. */
    public static long ofProcess(long pid) {
        return ticks(Path.of("/proc", Long.toString(pid), "stat"), OF_ENDED_CHILDREN) * NANOS_A_TICK;
    }

    /** Of a thread of a process alone. */
    public static long ofThread(long pid, long thread) {
        return ticks(Path.of("/proc", Long.toString(pid), "task", Long.toString(thread), "stat"), OF_ENDED_CHILDREN)
                * NANOS_A_TICK;
    }

    /** Of a process and those of its children that have ended. */
    public static long ofProcessAndEnded(long pid) {
        return ticks(Path.of("/proc", Long.toString(pid), "stat"), END) * NANOS_A_TICK;
    }

    /** Of the threads of a JVM that compile its code: spent once, not for every record. */
    public static long ofCompilers(long pid) {
        long ticks = 0;
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path thread : threads.toList()) {
                ticks += Files.readString(thread.resolve("comm")).contains("CompilerThre")
                        ? ticks(thread.resolve("stat"), OF_ENDED_CHILDREN)
                        : 0;
            }
        } catch (NoSuchFileException e) {
            return ticks * NANOS_A_TICK;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the CPU of the compilers", e);
        }
        return ticks * NANOS_A_TICK;
    }

    private static long ticks(Path stat, int end) {
        try {
            String text = Files.readString(stat);
            String[] words = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
            long ticks = 0;
            for (int i = OWN; i < end; i++) {
                ticks += Long.parseLong(words[i]);
            }
            return ticks;
        } catch (IOException e) {
            // It ended meanwhile; its parent counts it.
            return 0;
        }
    }
}
