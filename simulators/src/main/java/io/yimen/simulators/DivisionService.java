package io.yimen.simulators;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The register of divisions, edition 2023, as a paged service in JSON: {@code GET /api/xzqh?page=1&size=500}. Thread-safe.
 */
public final class DivisionService implements RowSystem {
    private static final List<String> LEVELS = List.of("province", "city", "county", "town", "village");

    private final PagedService service;

    private DivisionService(PagedService service) {
        this.service = service;
    }

    /** Starts it on a free port; asks for no key. */
    public static DivisionService start() {
        return start("");
    }

    /** Starts it on a free port; whoever asks has to send {@code apiKey} unless it is empty. */
    public static DivisionService start(String apiKey) {
        PagedService service = new PagedService(
                new PagedService.Shape("/api/xzqh", "page", "size", 1_000, "dm", "mc"),
                new Json(),
                Divisions.edition2023().stream().map(DivisionService::row).toList(),
                apiKey);
        service.start();
        return new DivisionService(service);
    }

    @Override
    public String connector() {
        return "divisions-2023";
    }

    @Override
    public Map<String, String> keys() {
        return LegacySystem.keysOf(connector(), Map.of("base-url", baseUrl(), "interval", "PT30M"));
    }

    public String baseUrl() {
        return service.baseUrl();
    }

    public Faults faults() {
        return service.faults();
    }

    @Override
    public List<Map<String, String>> rows() {
        return service.rows();
    }

    @Override
    public void put(Map<String, String> row) {
        service.put(row);
    }

    @Override
    public void remove(String code) {
        service.remove(code);
    }

    /** Stops answering until {@link #resume}. */
    public void stop() {
        service.stop();
    }

    /** Answers again: at the same address, or at another one where somebody else listens there by now. */
    public void resume() {
        service.start();
    }

    @Override
    public void close() {
        service.close();
    }

    private static Map<String, String> row(Division d) {
        Map<String, String> row = new LinkedHashMap<>();
        row.put("dm", d.code());
        row.put("mc", d.name());
        row.put("jb", Integer.toString(LEVELS.indexOf(d.level()) + 1));
        row.put("sjdm", d.parent());
        row.put("qx", d.county());
        row.put("jz", d.town());
        row.put("lx", d.kind());
        return row;
    }

    private static final class Json implements PagedService.Wording {
        private final ObjectMapper json = new ObjectMapper();

        @Override
        public String body(List<Map<String, String>> rows, int total, int page, int size) {
            ObjectNode body = json.createObjectNode();
            body.put("code", 0);
            body.put("total", total);
            body.put("page", page);
            body.put("pages", (total + size - 1) / size);
            ArrayNode list = body.putArray("rows");
            for (Map<String, String> row : rows) {
                ObjectNode item = list.addObject();
                row.forEach((name, value) -> item.put(name, value));
            }
            try {
                return json.writeValueAsString(body);
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public Charset charset() {
            return StandardCharsets.UTF_8;
        }

        @Override
        public String contentType() {
            return "application/json";
        }
    }
}
