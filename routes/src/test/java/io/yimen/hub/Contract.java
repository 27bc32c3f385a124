package io.yimen.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialects;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** {@code openapi/yimen.yaml} as a judge of answers. Members that the contract does not name are refused, too. */
final class Contract {
    static final String BASE = "/api/v1";
    private static final Set<String> METHODS = Set.of("get", "put", "post", "delete", "patch", "head", "options");

    /** One operation. */
    record Operation(String id, String method, String path, boolean open, JsonNode responses) {
        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    private final JsonNode root;
    private final Map<String, Operation> operations = new TreeMap<>();
    private final Map<String, Schema> schemas = new HashMap<>();
    private final SchemaRegistry registry;

    private Contract(JsonNode root) {
        this.root = root;
        this.registry = SchemaRegistry.withDialect(
                Dialects.getOpenApi30(),
                builder -> builder.schemaRegistryConfig(SchemaRegistryConfig.builder()
                        .formatAssertionsEnabled(true)
                        .build()));
        close(root.get("components").get("schemas"));
        root.get("paths")
                .fields()
                .forEachRemaining(path -> path.getValue().fields().forEachRemaining(method -> {
                    if (METHODS.contains(method.getKey())) {
                        JsonNode operation = method.getValue();
                        JsonNode security = operation.get("security");
                        String id = operation.get("operationId").asText();
                        operations.put(
                                id,
                                new Operation(
                                        id,
                                        method.getKey().toUpperCase(Locale.ROOT),
                                        path.getKey(),
                                        security != null && security.isEmpty(),
                                        operation.get("responses")));
                    }
                }));
    }

    static Contract read() throws IOException {
        return new Contract(
                new YAMLMapper().readTree(Path.of("..", "openapi", "yimen.yaml").toFile()));
    }

    private static void close(JsonNode schema) {
        if (schema instanceof ObjectNode object
                && object.path("properties").isObject()
                && !object.has("additionalProperties")) {
            object.put("additionalProperties", false);
        }
        schema.forEach(Contract::close);
    }

    Map<String, Operation> operations() {
        return operations;
    }

    Operation operation(String id) {
        Operation operation = operations.get(id);
        if (operation == null) {
            throw new IllegalArgumentException("The contract has no operation " + id);
        }
        return operation;
    }

    /** Paths of the contract, as templates. */
    Set<String> paths() {
        Set<String> paths = new java.util.TreeSet<>();
        root.get("paths").fieldNames().forEachRemaining(paths::add);
        return paths;
    }

    /** What is wrong with the answer; nothing if it is as the contract says. */
    List<String> complaints(Operation operation, HttpResponse<String> answer, @Nullable JsonNode body) {
        JsonNode response = operation.responses().get(Integer.toString(answer.statusCode()));
        if (response == null) {
            response = answer.statusCode() >= 400 ? operation.responses().get("default") : null;
        }
        if (response == null) {
            return List.of(operation + " does not declare " + answer.statusCode());
        }
        response = resolve(response);
        JsonNode content = response.get("content");
        if (content == null) {
            return answer.body().isEmpty() ? List.of() : List.of(operation + " declares no body");
        }
        String type = answer.headers().firstValue("Content-Type").orElse("none").split(";", 2)[0];
        JsonNode declared = content.get(type);
        if (declared == null || body == null) {
            return List.of(operation + " " + answer.statusCode() + " does not declare " + type);
        }
        List<String> complaints = new ArrayList<>();
        for (Error error : schema(declared.get("schema").get("$ref").asText()).validate(body)) {
            complaints.add(operation + ": " + error);
        }
        for (String header : (Iterable<String>) () -> responseHeaders(response(operation, answer))) {
            if (answer.headers().firstValue(header).isEmpty()) {
                complaints.add(operation + " lacks the header " + header);
            }
        }
        return complaints;
    }

    private JsonNode response(Operation operation, HttpResponse<String> answer) {
        return resolve(operation.responses().path(Integer.toString(answer.statusCode())));
    }

    private static java.util.Iterator<String> responseHeaders(JsonNode response) {
        return response.path("headers").fieldNames();
    }

    private JsonNode resolve(JsonNode node) {
        return node.has("$ref") ? root.at(node.get("$ref").asText().substring(1)) : node;
    }

    private Schema schema(String ref) {
        return schemas.computeIfAbsent(ref, key -> {
            ObjectNode document = ((ObjectNode) root).objectNode();
            document.put("$ref", key);
            document.set("components", root.get("components"));
            return registry.getSchema(document);
        });
    }
}
