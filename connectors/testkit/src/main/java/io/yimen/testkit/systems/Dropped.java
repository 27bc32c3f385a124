package io.yimen.testkit.systems;

import io.yimen.simulators.Drops;
import io.yimen.testkit.Part;
import io.yimen.testkit.Trouble;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.IntFunction;

/** The files that a system leaves in a folder, one after the other; one that is no good is left once more. */
final class Dropped {
    private final Path folder;
    private final IntFunction<String> names;
    private final String suffix;
    private final Content content;
    private int number;
    private boolean spoilt;

    /** What the next file holds. */
    interface Content {
        byte[] bytes() throws IOException;

        /** What stands beside it. */
        String announcement(byte[] bytes);
    }

    /**
     * @param number of the last file that is there
     * @param suffix of the file beside each that says that it is whole
     */
    Dropped(Path folder, int number, IntFunction<String> names, String suffix, Content content) {
        this.folder = folder;
        this.number = number;
        this.names = names;
        this.suffix = suffix;
        this.content = content;
    }

    /** @param fit whether it can be read; otherwise the next one takes its place */
    void leave(boolean fit) throws IOException {
        byte[] bytes = content.bytes();
        Drops.leave(folder, next(fit), bytes, suffix, content.announcement(bytes));
    }

    private String next(boolean fit) {
        number += spoilt ? 0 : 1;
        spoilt = !fit;
        return names.apply(number);
    }

    /** The folder is not there. */
    Part<Trouble> away() {
        Path away = folder.resolveSibling(folder.getFileName() + "-away");
        return Part.of(new Trouble() {
            @Override
            public void begin() throws IOException {
                Files.move(folder, away);
            }

            @Override
            public void end() throws IOException {
                Files.move(away, folder);
            }
        });
    }

    /** A file is still being written: nothing says that it is whole. */
    Part<Trouble> unfinished() {
        return once(() -> Files.write(folder.resolve(next(false)), half(content.bytes())));
    }

    /** A file lacks its second half, which what stands beside it does not say. */
    Part<Trouble> torn() {
        return once(() -> {
            byte[] bytes = content.bytes();
            Drops.leave(folder, next(false), half(bytes), suffix, content.announcement(bytes));
        });
    }

    private interface Writing {
        void write() throws IOException;
    }

    private static Part<Trouble> once(Writing writing) {
        return Part.of(new Trouble() {
            @Override
            public void begin() throws IOException {
                writing.write();
            }

            @Override
            public void end() {
                // the next file takes its place
            }
        });
    }

    /** Up to the end of a line where there is one, so that no character is cut. */
    private static byte[] half(byte[] bytes) {
        int end = bytes.length / 2;
        while (end > 0 && bytes[end - 1] != '\n') {
            end--;
        }
        return Arrays.copyOf(bytes, end > 0 ? end : bytes.length / 2);
    }
}
