package io.yimen.simulators;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The register of credit codes as it is sent out once a year: {@code xydm-YYYY.zip} with one XML file in GB18030, and its
 * SHA-256 beside it. It says what {@link CreditCodeService} of the same seed said when it was written.
 */
public final class CreditCodeFile implements LegacySystem {
    private final Path folder;

    private CreditCodeFile(Path folder) {
        this.folder = folder;
    }

    /** The drop of a folder, which is created; no file is written. */
    public static CreditCodeFile of(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new CreditCodeFile(folder);
    }

    /** The drop of a folder, which is created, with the file of a year; one that is there stays as it is. */
    public static CreditCodeFile start(Path folder, long seed, int year) {
        CreditCodeFile drop = of(folder);
        String name = name(year);
        if (!Files.exists(folder.resolve(name + ".sha256"))) {
            try {
                byte[] zip = zip(CreditCodeService.rows(seed));
                Drops.leave(folder, name, zip, ".sha256", Drops.digest("SHA-256", zip) + "  " + name + "\n");
            } catch (IOException e) {
                throw new UncheckedIOException("The yearly file of credit codes could not be written", e);
            }
        }
        return drop;
    }

    /** What the file of a year is called. */
    public static String name(int year) {
        return "xydm-" + year + ".zip";
    }

    /** A file with these rows. */
    public static byte[] zip(List<Map<String, String>> rows) throws IOException {
        PagedService.Wording wording = CreditCodeService.wording();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("xydm.xml"));
            zip.write(wording.body(rows, rows.size(), 1, rows.size()).getBytes(wording.charset()));
        }
        return bytes.toByteArray();
    }

    @Override
    public String connector() {
        return "credit-codes-yearly";
    }

    @Override
    public Map<String, String> keys() {
        return LegacySystem.keysOf(connector(), Map.of("folder", folder.toString()));
    }

    @Override
    public void close() {
        // Files stay.
    }
}
