package io.yimen.simulators;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
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

    /** The drop of a folder, which is created, with the file of a year; one that is there stays as it is. */
    public static CreditCodeFile start(Path folder, long seed, int year) {
        CreditCodeFile drop = new CreditCodeFile(folder);
        try {
            Files.createDirectories(folder);
            if (!Files.exists(folder.resolve(name(year) + ".sha256"))) {
                drop.write(year, CreditCodeService.rows(seed));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The yearly file of credit codes could not be written", e);
        }
        return drop;
    }

    private static String name(int year) {
        return "xydm-" + year + ".zip";
    }

    private void write(int year, List<Map<String, String>> rows) throws IOException {
        PagedService.Wording wording = CreditCodeService.wording();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("xydm-" + year + ".xml"));
            zip.write(wording.body(rows, rows.size(), 1, rows.size()).getBytes(wording.charset()));
        }
        Path part = folder.resolve("." + name(year) + ".part");
        Files.write(part, bytes.toByteArray());
        Files.move(part, folder.resolve(name(year)), StandardCopyOption.ATOMIC_MOVE);
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray());
            Files.writeString(
                    folder.resolve(name(year) + ".sha256"),
                    HexFormat.of().formatHex(digest) + "  " + name(year) + "\n");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
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
