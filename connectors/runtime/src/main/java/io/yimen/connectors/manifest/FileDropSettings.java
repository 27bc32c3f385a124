package io.yimen.connectors.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.Charset;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Settings of {@code file-drop}.
 *
 * @param folder of the files; on the server where {@code sftp} says so
 * @param sftp the server; null for a folder of this machine
 * @param file pattern of the names; their order is the order of reading
 * @param complete how it is known that a file is whole
 * @param entry pattern of the one file that is read of a ZIP; null where files are not packed
 * @param rows path to a row, in XML; empty otherwise
 * @param delta null where each file is the whole set
 * @param work folder of this machine for what is fetched and unpacked; empty for one among the temporary files
 * @param ignore columns that the files have and nobody needs
 */
public record FileDropSettings(
        String folder,
        @Nullable Sftp sftp,
        String interval,
        Pattern file,
        Complete complete,
        @Nullable Pattern entry,
        Format format,
        Charset charset,
        char separator,
        String rows,
        Sheet sheet,
        @Nullable Delta delta,
        String work,
        Set<String> ignore,
        String timeZone)
        implements Manifest.Settings {
    public FileDropSettings {
        ignore = Set.copyOf(ignore);
    }

    @Override
    public String kind() {
        return "file-drop";
    }

    /** In what form a file has its rows. */
    public enum Format {
        CSV,
        JSONL,
        XML,
        XLSX,
        DBF
    }

    /**
     * A server that the files are fetched from.
     *
     * @param password null where a key is used
     * @param keyFile private key, a file of this machine; null where a password is used
     * @param keyPassword opens the private key; null where it is not encrypted
     * @param hostKey fingerprint of the server's key, {@code SHA256:…}
     */
    public record Sftp(
            String host,
            String port,
            String username,
            @Nullable String password,
            @Nullable String keyFile,
            @Nullable String keyPassword,
            String hostKey) {}

    /**
     * How it is known that a file is whole; one of the three.
     *
     * @param suffix of the file beside it that holds the number of its rows
     * @param checksum suffix of the file beside it that holds its checksum, which names the kind: .md5, .sha1, .sha256
     * @param stable how long it has to lie unchanged
     */
    public record Complete(
            @Nullable String suffix,
            @Nullable String checksum,
            @Nullable String stable) {}

    /**
     * Where the rows of a workbook stand.
     *
     * @param name empty for the first
     * @param header the first row of the header, from 1
     * @param headerRows how many rows it has
     */
    public record Sheet(String name, int header, int headerRows) {}

    /** A file tells what has changed: the column that says how, and what it says. */
    public record Delta(String column, Set<String> upsert, Set<String> delete) {
        public Delta {
            upsert = Set.copyOf(upsert);
            delete = Set.copyOf(delete);
        }
    }

    static FileDropSettings read(JsonNode s, ManifestReader reader) {
        Format format = Format.valueOf(s.path("format").asText("csv").toUpperCase(Locale.ROOT));
        if (format != Format.XLSX && !s.has("charset")) {
            reader.error("settings", "key \"charset\" is missing (declared, never guessed: UTF-8, GB18030, GBK, Big5)");
        }
        if ((format == Format.XML) != s.has("rows")) {
            reader.error("settings", "\"rows\" is the path to a row in XML, and needed there alone");
        }
        if (s.has("sheet") && format != Format.XLSX) {
            reader.error("settings.sheet", "belongs to format: xlsx");
        }
        JsonNode complete = s.path("complete");
        JsonNode sheet = s.path("sheet");
        return new FileDropSettings(
                s.path("folder").asText(),
                s.has("sftp") ? sftp(s.path("sftp"), reader) : null,
                s.path("interval").asText("PT1M"),
                pattern(s.path("file"), "settings.file", reader),
                new Complete(text(complete, "suffix"), text(complete, "checksum"), text(complete, "stable")),
                s.has("zip") ? pattern(s.path("zip").path("file"), "settings.zip.file", reader) : null,
                format,
                s.has("charset") ? reader.charset(s.path("charset"), "settings.charset") : Charset.forName("UTF-8"),
                s.path("separator").asText(",").charAt(0),
                s.path("rows").asText(""),
                new Sheet(
                        sheet.path("name").asText(""),
                        sheet.path("header").asInt(1),
                        sheet.path("headerRows").asInt(1)),
                s.has("delta")
                        ? new Delta(
                                s.path("delta").path("column").asText(),
                                texts(s.path("delta").path("upsert")),
                                texts(s.path("delta").path("delete")))
                        : null,
                s.path("work").asText(""),
                texts(s.path("ignore")),
                reader.zone(s));
    }

    private static Sftp sftp(JsonNode s, ManifestReader reader) {
        if (s.has("password") == s.has("keyFile")) {
            reader.error("settings.sftp", "has either a password or a keyFile");
        }
        if (s.has("keyPassword") && !s.has("keyFile")) {
            reader.error("settings.sftp", "has a keyPassword, and no keyFile that it opens");
        }
        return new Sftp(
                s.path("host").asText(),
                s.path("port").asText("22"),
                s.path("username").asText(),
                text(s, "password"),
                text(s, "keyFile"),
                text(s, "keyPassword"),
                s.path("hostKey").asText());
    }

    private static @Nullable String text(JsonNode node, String key) {
        return node.has(key) ? node.path(key).asText() : null;
    }

    private static Set<String> texts(JsonNode list) {
        Set<String> texts = new HashSet<>();
        list.forEach(v -> texts.add(v.asText()));
        return texts;
    }

    private static Pattern pattern(JsonNode node, String path, ManifestReader reader) {
        try {
            return Pattern.compile(node.asText());
        } catch (PatternSyntaxException e) {
            reader.error(path, "is no regular expression: " + e.getDescription());
            return Pattern.compile("");
        }
    }
}
