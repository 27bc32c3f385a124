package io.yimen.integration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.manifest.Manifests;
import io.yimen.connectors.mapping.Columns;
import io.yimen.connectors.mapping.ManifestTests;
import io.yimen.connectors.mapping.StreamMapping;
import io.yimen.pool.InMemoryPool;
import io.yimen.pool.Pool;
import io.yimen.pool.claim.Batch;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * What the pool must be, computed without the hub: the sources are read as they stand now, in the plainest way (SQL, HTTP,
 * a file), their rows are mapped by the catalog's manifests, and the in-memory twin derives everything anew.
 */
final class Reference {
    private static final Charset GB18030 = Charset.forName("GB18030");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final TestBed bed;
    private final HttpClient http = HttpClient.newHttpClient();

    private Reference(TestBed bed) {
        this.bed = bed;
    }

    /** The content hash that the bed's pool must have. */
    static String of(TestBed bed) {
        Vault vault = Vault.load(bed.hub().keyFile());
        try (Pool pool = new InMemoryPool(PoolModel.standard(), vault)) {
            new Reference(bed).fill(pool);
            return pool.contentHash();
        } catch (IOException | SQLException e) {
            throw new IllegalStateException("A source could not be read", e);
        }
    }

    private void fill(Pool pool) throws IOException, SQLException {
        for (Manifest manifest : Manifests.load(Places.catalog())) {
            if (!bed.systems().contains(manifest.id())) {
                continue;
            }
            pool.declare(manifest.system(), manifest.shapes());
            List<ChangeEvent> events = new ArrayList<>();
            Map<String, List<Map<String, String>>> read = new LinkedHashMap<>();
            for (Manifest.Stream stream : manifest.streams()) {
                Columns columns = Columns.of(List.of(stream));
                StreamMapping mapping =
                        StreamMapping.compile(stream, manifest.id(), columns, ManifestTests.zoneOf(manifest));
                List<Map<String, String>> rows = read.get(stream.from());
                if (rows == null) {
                    rows = rows(manifest.id(), stream.from());
                    read.put(stream.from(), rows);
                }
                for (Map<String, String> row : rows) {
                    mapping.map(
                            columns.names().stream().map(row::get).toArray(String[]::new),
                            Position.of(1),
                            new Taken(events));
                }
            }
            long run = pool.openRun(manifest.id(), manifest.id(), "pull", OptionalLong.empty());
            pool.apply(new Batch(run, manifest.id(), null, events, List.of(), List.of()));
        }
    }

    private List<Map<String, String>> rows(String system, String resource) throws IOException, SQLException {
        return switch (system) {
            case "election" -> table(resource);
            case "community" -> gbkTable(resource);
            case "divisions-2023" -> divisions();
            case "credit-codes" -> creditCodes();
            case "divisions-2016" -> latestFile();
            default -> throw new IllegalStateException("The bed has no system " + system);
        };
    }

    private List<Map<String, String>> table(String table) throws SQLException {
        List<Map<String, String>> rows = new ArrayList<>();
        try (Connection connection = bed.election().connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select * from public." + table)) {
            int columns = row.getMetaData().getColumnCount();
            while (row.next()) {
                Map<String, String> values = new LinkedHashMap<>();
                for (int i = 1; i <= columns; i++) {
                    String value = row.getString(i);
                    values.put(row.getMetaData().getColumnName(i), value == null ? "" : value);
                }
                rows.add(values);
            }
        }
        return rows;
    }

    /** Every text from its bytes, which are GBK whatever the table says; a TIMESTAMP as the instant that it is. */
    private List<Map<String, String>> gbkTable(String table) throws SQLException {
        List<Map<String, String>> rows = new ArrayList<>();
        try (Connection connection = bed.communitySystem().connect();
                Statement statement = connection.createStatement()) {
            Map<String, String> types = new LinkedHashMap<>();
            try (ResultSet row = statement.executeQuery("select column_name, data_type from information_schema.columns"
                    + " where table_schema = 'sqgl' and table_name = '" + table + "' order by ordinal_position")) {
                while (row.next()) {
                    types.put(row.getString(1), row.getString(2));
                }
            }
            String columns = types.entrySet().stream()
                    .map(c -> switch (c.getValue()) {
                        case "char", "varchar" -> "hex(" + c.getKey() + ")";
                        case "timestamp" ->
                            "date_format(convert_tz(" + c.getKey() + ", '+08:00', '+00:00'), '%Y-%m-%dT%H:%i:%sZ')";
                        default -> c.getKey();
                    })
                    .collect(Collectors.joining(", "));
            try (ResultSet row = statement.executeQuery("select " + columns + " from " + table)) {
                while (row.next()) {
                    Map<String, String> values = new LinkedHashMap<>();
                    int i = 0;
                    for (Map.Entry<String, String> column : types.entrySet()) {
                        String value = row.getString(++i);
                        boolean text = column.getValue().endsWith("char");
                        values.put(
                                column.getKey(),
                                value == null
                                        ? ""
                                        : text ? new String(HexFormat.of().parseHex(value), GB18030) : value);
                    }
                    rows.add(values);
                }
            }
        }
        return rows;
    }

    private List<Map<String, String>> divisions() throws IOException {
        List<Map<String, String>> rows = new ArrayList<>();
        for (int page = 1; ; page++) {
            JsonNode body = JSON.readTree(get(bed.divisions().baseUrl() + "/api/xzqh?size=500&page=" + page));
            for (JsonNode item : body.path("rows")) {
                Map<String, String> values = new LinkedHashMap<>();
                item.properties()
                        .forEach(e -> values.put(e.getKey(), e.getValue().asText("")));
                rows.add(values);
            }
            if (body.path("rows").isEmpty()) {
                return rows;
            }
        }
    }

    private List<Map<String, String>> creditCodes() throws IOException {
        List<Map<String, String>> rows = new ArrayList<>();
        for (int page = 1; ; page++) {
            byte[] body = get(bed.creditCodes().baseUrl() + "/xydm/list?pageSize=200&pageNo=" + page);
            NodeList items;
            try {
                items = DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(new ByteArrayInputStream(body))
                        .getElementsByTagName("item");
            } catch (ParserConfigurationException | SAXException e) {
                throw new IOException(e);
            }
            for (int i = 0; i < items.getLength(); i++) {
                Map<String, String> values = new LinkedHashMap<>();
                NodeList fields = items.item(i).getChildNodes();
                for (int j = 0; j < fields.getLength(); j++) {
                    if (fields.item(j) instanceof Element element) {
                        values.put(element.getTagName(), element.getTextContent());
                    }
                }
                rows.add(values);
            }
            if (items.getLength() == 0) {
                return rows;
            }
        }
    }

    /** The latest file that holds as many rows as it declares. */
    private List<Map<String, String>> latestFile() throws IOException {
        List<Path> complete;
        try (Stream<Path> files = Files.list(bed.drop().folder())) {
            complete = files.filter(f -> f.getFileName().toString().matches("xzqh-\\d{8}\\.csv\\.ok"))
                    .sorted()
                    .toList();
        }
        if (complete.isEmpty()) {
            return List.of();
        }
        Path ok = complete.get(complete.size() - 1);
        Path file = ok.resolveSibling(ok.getFileName().toString().replace(".ok", ""));
        List<Map<String, String>> rows = new ArrayList<>();
        try (CsvReader<NamedCsvRecord> csv =
                CsvReader.builder().ofNamedCsvRecord(Files.newBufferedReader(file, GB18030))) {
            csv.forEach(record -> rows.add(record.getFieldsAsMap()));
        }
        if (rows.size() != Integer.parseInt(Files.readString(ok).strip())) {
            throw new IllegalStateException("The latest file is not whole; write a right one first");
        }
        return rows;
    }

    private byte[] get(String url) throws IOException {
        try {
            HttpResponse<byte[]> answer =
                    http.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofByteArray());
            if (answer.statusCode() != 200) {
                throw new IOException(url + " answered " + answer.statusCode());
            }
            return answer.body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    /** Collects events; what is rejected or skipped makes no claim. */
    private record Taken(List<ChangeEvent> events) implements StreamMapping.Output {
        @Override
        public void event(ChangeEvent event) {
            events.add(event);
        }

        @Override
        public void rejected(Rejected rejected) {
            // Waits in quarantine.
        }

        @Override
        public void skipped(StreamMapping mapping, @Nullable String key) {
            // Not of this stream.
        }
    }
}
