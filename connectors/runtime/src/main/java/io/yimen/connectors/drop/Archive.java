package io.yimen.connectors.drop;

import io.yimen.connectors.rows.UnfitFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * A ZIP file of a stranger, of which one file is taken. Names in it lead nowhere: what is taken out goes to a place of
 * ours, and an archive with a name that would lead elsewhere is refused as a whole.
 */
public final class Archive {
    private static final int MOST_ENTRIES = 10_000;
    private static final long MOST_BYTES = 2L << 30;
    private static final long HARMLESS_BYTES = 16L << 20;
    private static final int LARGEST_RATIO = 200;
    private static final Pattern LEADS_ELSEWHERE =
            Pattern.compile("^([/\\\\]|[A-Za-z]:)|(^|[/\\\\])\\.\\.([/\\\\]|$)|\0");
    private static final Pattern PACKED = Pattern.compile("(?i).*\\.(zip|gz|tgz|bz2|xz|7z|rar|jar|tar)");
    /** Names are in it where an archive does not say that they are UTF-8. */
    private static final Charset NAMES = Charset.forName("GB18030");

    private Archive() {}

    /**
     * Takes the one file out whose name fits.
     *
     * @param check called between blocks; may throw to end it
     * @throws UnfitFile if the archive is none, holds no such file or several, or means harm
     */
    public static Path unpack(Path archive, Pattern wanted, Work work, Runnable check) {
        try (ZipFile zip = new ZipFile(archive.toFile(), NAMES)) {
            ZipEntry entry = find(zip, wanted);
            Path target = work.place("unpacked");
            try (InputStream in = zip.getInputStream(entry)) {
                copy(in, target, Math.max(1, entry.getCompressedSize()), work, check);
            }
            return target;
        } catch (IOException | IllegalArgumentException e) {
            throw new UnfitFile(
                    "malformed-zip", "is no ZIP archive, or a damaged or encrypted one; have it sent again");
        }
    }

    private static ZipEntry find(ZipFile zip, Pattern wanted) {
        List<ZipEntry> found = new ArrayList<>();
        int count = 0;
        for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
            ZipEntry entry = all.nextElement();
            if (++count > MOST_ENTRIES) {
                throw new UnfitFile("zip-bomb", "holds more than " + MOST_ENTRIES + " files");
            }
            if (LEADS_ELSEWHERE.matcher(entry.getName()).find()) {
                throw new UnfitFile("zip-slip", "holds a name that leads out of the archive; nothing of it is read");
            }
            if (wanted.matcher(entry.getName()).matches() && !entry.isDirectory()) {
                if (PACKED.matcher(entry.getName()).matches()) {
                    throw new UnfitFile("nested-archive", "holds another archive where rows are expected");
                }
                found.add(entry);
            }
        }
        if (found.size() != 1) {
            throw new UnfitFile(
                    "zip-content",
                    "holds " + found.size() + " files of the form " + wanted.pattern() + ", not one; declare it in"
                            + " settings.zip.file or have one file sent");
        }
        return found.get(0);
    }

    private static void copy(InputStream in, Path target, long packed, Work work, Runnable check) throws IOException {
        byte[] block = new byte[1 << 16];
        long bytes = 0;
        OutputStream out;
        try {
            out = Files.newOutputStream(target);
        } catch (IOException e) {
            throw work.full(e);
        }
        try (out) {
            for (int n = in.read(block); n >= 0; n = in.read(block)) {
                check.run();
                bytes += n;
                if (bytes > MOST_BYTES || (bytes > HARMLESS_BYTES && bytes / packed > LARGEST_RATIO)) {
                    throw new UnfitFile(
                            "zip-bomb",
                            "becomes more than " + LARGEST_RATIO + " times as large, or more than " + (MOST_BYTES >> 30)
                                    + " GiB; have it sent without packing");
                }
                try {
                    out.write(block, 0, n);
                } catch (IOException e) {
                    throw work.full(e);
                }
            }
        }
    }
}
