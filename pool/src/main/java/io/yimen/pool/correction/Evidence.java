package io.yimen.pool.correction;

import io.yimen.pool.PoolException;
import java.util.regex.Pattern;

/**
 * A file that shows that something is as it is said.
 *
 * @param name as people call it; no path
 * @param mediaType {@code image/png}, {@code image/jpeg} or {@code application/pdf}
 * @param content not changed by anybody; at most {@value #LARGEST} bytes, of the type that it says
 */
public record Evidence(String name, String mediaType, byte[] content) {
    /** Bytes of the largest file. */
    public static final int LARGEST = 5 << 20;

    private static final Pattern NAME = Pattern.compile("[^\\p{Cntrl}/\\\\:*?\"<>|]{1,120}");
    private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    private static final byte[] JPEG = {(byte) 0xff, (byte) 0xd8, (byte) 0xff};
    private static final byte[] PDF = {'%', 'P', 'D', 'F', '-'};

    /** @throws PoolException {@code INVALID} if it is none */
    public Evidence {
        if (!NAME.matcher(name).matches() || name.startsWith(".") || name.isBlank()) {
            throw invalid(
                    "A file name is 1 to 120 characters without / \\ : * ? \" < > | and does not start with a dot");
        }
        if (content.length == 0 || content.length > LARGEST) {
            throw invalid("A file of evidence holds 1 byte to 5 MiB");
        }
        byte[] start = switch (mediaType) {
            case "image/png" -> PNG;
            case "image/jpeg" -> JPEG;
            case "application/pdf" -> PDF;
            default -> throw invalid("Evidence is image/png, image/jpeg or application/pdf");
        };
        if (!startsWith(content, start)) {
            throw invalid("The file is not the " + mediaType + " that it says it is");
        }
    }

    private static boolean startsWith(byte[] content, byte[] start) {
        if (content.length < start.length) {
            return false;
        }
        for (int i = 0; i < start.length; i++) {
            if (content[i] != start[i]) {
                return false;
            }
        }
        return true;
    }

    private static PoolException invalid(String message) {
        return new PoolException(PoolException.Kind.INVALID, message);
    }

    @Override
    public String toString() {
        return "evidence of " + content.length + " bytes";
    }
}
