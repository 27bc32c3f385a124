package io.yimen.hub.sheet;

import io.yimen.connectors.sheet.SheetReader;
import io.yimen.connectors.sheet.WorkbookFault;
import io.yimen.hub.http.BodyLimit;
import io.yimen.hub.http.ProblemCode;
import io.yimen.hub.http.ProblemException;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jboss.logging.Logger;

/** Workbooks on their way in and out. */
final class Workbooks {
    /** Media type of a workbook. */
    static final String XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    private static final Logger LOG = Logger.getLogger(Workbooks.class);
    private static final String SPOOLED = "yimen-upload-";
    private static final int BUFFER = 1 << 16;

    private Workbooks() {}

    /** Writes a workbook. */
    interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /** Sends a workbook while it is written. */
    static Response send(String name, Content content) {
        StreamingOutput body = out -> {
            OutputStream buffered = new BufferedOutputStream(out, BUFFER);
            content.writeTo(buffered);
            buffered.flush();
        };
        String encoded = URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
        return Response.ok(body, XLSX)
                .header("Content-Disposition", "attachment; filename*=UTF-8''" + encoded)
                .header("Cache-Control", "no-store")
                .build();
    }

    /**
     * Takes a workbook in. It lies on disk, for its owner's eyes only, from here until it is open.
     *
     * @throws ProblemException if it is none
     */
    static SheetReader receive(InputStream body, int mostRows) {
        try {
            Path file = Files.createTempFile(SPOOLED, ".xlsx");
            try {
                Files.copy(body, file, StandardCopyOption.REPLACE_EXISTING);
                return SheetReader.take(file, mostRows);
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (BodyLimit.Exceeded e) {
            throw e.problem();
        } catch (IOException e) {
            throw new UncheckedIOException("A workbook could not be received", e);
        } catch (WorkbookFault e) {
            throw refused(e);
        }
    }

    static ProblemException refused(WorkbookFault fault) {
        return new ProblemException(
                ProblemCode.INVALID_DOCUMENT, fault.message(), "Correct the workbook and upload it again");
    }

    /** Removes what a hub left that was killed while it took a workbook in. */
    static void tidy(Instant now) {
        Path folder = Path.of(System.getProperty("java.io.tmpdir"));
        try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, SPOOLED + "*.xlsx")) {
            for (Path file : left) {
                if (Files.getLastModifiedTime(file).toInstant().isBefore(now.minus(1, ChronoUnit.HOURS))) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            LOG.warnf("Files of uploads could not be tidied: %s", e.getClass().getSimpleName());
        }
    }
}
