package io.yimen.connectors.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import io.yimen.connectors.mapping.Columns;
import io.yimen.pool.SourceInfo;
import io.yimen.pool.claim.DeletePolicy;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Field;
import io.yimen.pool.model.FieldKind;
import io.yimen.pool.model.PoolModel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** From a document of the right form to a {@link Manifest} that makes sense; says everything that does not. */
final class ManifestReader {
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{([^}]*)}");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^}]*)}");
    private static final Pattern SECRET_HEADER =
            Pattern.compile("(?i).*(key|token|secret|authorization|cookie|password).*");
    /** Settings that are secret, wherever they stand. */
    private static final Set<String> SECRETS = Set.of("password", "keyPassword", "bearer", "hmac");

    /** Kinds whose source tells the end of a record as it happens. */
    private static final Set<String> TELLING_DELETES =
            Set.of("capture-postgres", "capture-mysql", "outbox-jdbc", "push", "kafka-topic");

    /** Kinds whose streams say what they are read from. */
    private static final Set<String> WITH_FROM =
            Set.of("capture-postgres", "capture-mysql", "poll-jdbc", "outbox-jdbc", "kafka-topic");

    private static final String ENVELOPE = "/Envelope/Body";
    private static final String ZONE = "Asia/Shanghai";

    /** The options that each function knows, besides from, as, purpose, optional and empty. */
    private static final Map<String, Set<String>> OPTIONS = Map.ofEntries(
            Map.entry("text", Set.of("format", "pattern")),
            Map.entry("name", Set.of("stripPrefix", "endings")),
            Map.entry("html", Set.of()),
            Map.entry("code", Set.of("values", "otherwise", "pattern")),
            Map.entry("ending", Set.of("values", "otherwise")),
            Map.entry("date", Set.of("pattern")),
            Map.entry("timestamp", Set.of("pattern", "timeZone")),
            Map.entry("idNumber", Set.of()),
            Map.entry("creditCode", Set.of()),
            Map.entry("integer", Set.of()),
            Map.entry("decimal", Set.of()),
            Map.entry("boolean", Set.of("true", "false")),
            Map.entry("phone", Set.of()),
            Map.entry("constant", Set.of("value")),
            Map.entry("concat", Set.of("format")),
            Map.entry("reference", Set.of("to")));

    private static final Map<String, Set<String>> NEEDED = Map.of(
            "ending", Set.of("values"),
            "boolean", Set.of("true", "false"),
            "constant", Set.of("value"),
            "concat", Set.of("format"),
            "reference", Set.of("to"));

    private static final Set<String> COMMON = Set.of("from", "as", "purpose", "optional", "empty");

    private static final Map<FieldKind, Set<String>> FITTING = Map.of(
            FieldKind.DATE, Set.of("date", "constant"),
            FieldKind.INTEGER, Set.of("integer", "constant"),
            FieldKind.DECIMAL, Set.of("decimal", "integer", "constant"),
            FieldKind.BOOLEAN, Set.of("boolean", "constant"),
            FieldKind.REFERENCE, Set.of("reference"));

    private final YamlDocument document;
    private final String file;
    private final PoolModel model;
    private final List<ManifestError> errors;
    private final Set<String> secrets = new HashSet<>();

    ManifestReader(YamlDocument document, String file, PoolModel model, List<ManifestError> errors) {
        this.document = document;
        this.file = file;
        this.model = model;
        this.errors = errors;
    }

    Manifest read() {
        JsonNode root = document.root();
        JsonNode system = root.path("system");
        SourceInfo info = new SourceInfo(
                system.path("id").asText(),
                system.path("title").asText(),
                system.path("titleEn").asText(),
                system.path("owner").asText());
        Map<String, Manifest.Parameter> parameters = parameters(root.path("parameters"));
        checkReferences(root.path("settings"), "settings", parameters);
        JsonNode settings = root.path("settings");
        String kind = root.path("kind").asText();
        Manifest.Settings how = switch (kind) {
            case "capture-postgres" -> capture(settings, info.id());
            case "capture-mysql" -> mysqlCapture(settings);
            case "poll-jdbc", "outbox-jdbc" -> new JdbcSettingsReader(this::error).read(root, zone(settings));
            case "rest-pages" -> RestSettings.read(settings, this);
            case "push" -> push(settings);
            case "soap" -> soap(settings);
            case "kafka-topic" -> topic(settings);
            default -> FileDropSettings.read(settings, this);
        };
        List<Manifest.Stream> streams = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        JsonNode declared = root.path("streams");
        for (int i = 0; i < declared.size(); i++) {
            String path = "streams[" + i + "]";
            JsonNode stream = declared.get(i);
            if (!ids.add(stream.path("id").asText())) {
                error(path + ".id", "is taken by another stream of this manifest");
            }
            streams.add(stream(stream, path, kind, settings.has("delta")));
        }
        checkOwnReferences(info.id(), streams);
        if (how instanceof Manifest.Push push) {
            checkEvents(push, streams);
        }
        if (how instanceof Manifest.Topic topic) {
            checkKeys(topic, streams);
        }
        List<String> texts = new ArrayList<>();
        collect(root.path("settings"), texts);
        return new Manifest(file, info, parameters, how, streams, texts);
    }

    private static void collect(JsonNode node, List<String> texts) {
        if (node.isTextual()) {
            texts.add(node.asText());
        }
        node.forEach(child -> collect(child, texts));
    }

    void error(String path, String message) {
        errors.add(new ManifestError(file, document.lineOf(path), path, message));
    }

    private Map<String, Manifest.Parameter> parameters(JsonNode node) {
        Map<String, Manifest.Parameter> parameters = new LinkedHashMap<>();
        node.properties().forEach(entry -> {
            JsonNode p = entry.getValue();
            boolean secret = p.path("secret").asBoolean(false);
            boolean required = p.path("required").asBoolean(false);
            String path = "parameters." + entry.getKey();
            if (secret) {
                secrets.add(entry.getKey());
                if (p.has("default")) {
                    error(path + ".default", "a secret has no default; remove it and set it in the configuration");
                }
            }
            if (required && p.has("default")) {
                error(path + ".default", "a required parameter has no default; remove one of the two");
            }
            parameters.put(
                    entry.getKey(),
                    new Manifest.Parameter(
                            entry.getKey(),
                            required,
                            secret,
                            p.has("default") ? p.path("default").asText() : null,
                            p.path("description").asText()));
        });
        return parameters;
    }

    /** Every <code>${…}</code> names a parameter; what is secret is nothing but such a reference. */
    private void checkReferences(JsonNode node, String path, Map<String, Manifest.Parameter> parameters) {
        if (node.isObject()) {
            node.properties()
                    .forEach(e -> checkReferences(e.getValue(), YamlDocument.child(path, e.getKey()), parameters));
            return;
        }
        if (!node.isTextual()) {
            return;
        }
        String text = node.asText();
        Matcher matcher = REFERENCE.matcher(text);
        Set<String> named = new HashSet<>();
        while (matcher.find()) {
            String name = matcher.group(1);
            named.add(name);
            if (!parameters.containsKey(name)) {
                error(path, "unknown parameter \"" + name + "\"" + Suggestion.of(name, parameters.keySet()));
            }
        }
        String last = path.substring(path.lastIndexOf('.') + 1);
        boolean sensitive = SECRETS.contains(last)
                || (path.startsWith("settings.headers.")
                        && SECRET_HEADER.matcher(last).matches());
        if (sensitive && (named.size() != 1 || !secrets.containsAll(named))) {
            error(path, "is secret: write ${name} of a parameter with secret: true, never the value itself");
        }
        if (!sensitive
                && !path.startsWith("settings.headers.")
                && named.stream().anyMatch(secrets::contains)) {
            error(path, "shows a secret parameter; secrets go into password or a header");
        }
    }

    private Manifest.Capture capture(JsonNode s, String id) {
        String slot = "yimen_" + id.replace('-', '_');
        return new Manifest.Capture(
                s.path("url").asText(),
                s.path("username").asText(),
                s.path("password").asText(),
                s.path("schema").asText("public"),
                s.path("slot").asText(slot),
                s.path("publication").asText(slot),
                zone(s));
    }

    private Manifest.MysqlCapture mysqlCapture(JsonNode s) {
        Map<String, Charset> charsets = new LinkedHashMap<>();
        s.path("charsets")
                .properties()
                .forEach(e -> charsets.put(e.getKey(), charset(e.getValue(), "settings.charsets." + e.getKey())));
        return new Manifest.MysqlCapture(
                s.path("url").asText(),
                s.path("username").asText(),
                s.path("password").asText(),
                charsets,
                zone(s));
    }

    private Manifest.Push push(JsonNode s) {
        JsonNode authentication = s.path("authentication");
        boolean signed = authentication.has("hmac");
        Map<String, Manifest.Push.Meaning> events = new LinkedHashMap<>();
        s.path("events")
                .properties()
                .forEach(e -> events.put(
                        e.getKey(),
                        new Manifest.Push.Meaning(
                                columns(e.getValue().path("streams")),
                                e.getValue().path("deleted").asBoolean(false))));
        Set<String> refuse = new HashSet<>();
        s.path("refuse").forEach(v -> refuse.add(v.asText().toLowerCase(Locale.ROOT)));
        return new Manifest.Push(
                authentication.path(signed ? "hmac" : "bearer").asText(),
                signed,
                authentication.path("window").asText("PT5M"),
                s.path("maxBytes").asInt(1024 * 1024),
                s.path("maxEvents").asInt(500),
                s.path("position").asText().equals("sequence"),
                events,
                refuse,
                zone(s));
    }

    private Manifest.Soap soap(JsonNode s) {
        Map<String, String> arguments = new LinkedHashMap<>();
        s.path("arguments")
                .properties()
                .forEach(e -> arguments.put(e.getKey(), e.getValue().asText()));
        String paged = "";
        for (Map.Entry<String, String> argument : arguments.entrySet()) {
            paged = argument.getValue().contains("{page}") ? argument.getKey() : paged;
        }
        if (paged.isEmpty()) {
            error("settings.arguments", "none of them has {page}, the number of the page that is asked for");
        }
        String payload = s.has("payload") ? ENVELOPE + s.path("payload").asText() : null;
        String top = payload == null ? ENVELOPE : "";
        JsonNode token = s.path("usernameToken");
        RestSettings pages = new RestSettings(
                s.path("url").asText(),
                Map.of(),
                s.path("interval").asText("PT1H"),
                s.path("timeout").asText("PT30S"),
                true,
                StandardCharsets.UTF_8,
                new RestSettings.Page(
                        RestSettings.By.PAGE,
                        paged,
                        s.path("page").path("first").asInt(1),
                        "",
                        s.path("page").path("size").asInt(),
                        ""),
                null,
                s.has("ok") ? top + s.path("ok").path("path").asText() : null,
                s.path("ok").path("value").asText(""),
                s.has("total") ? top + s.path("total").asText() : null,
                top + s.path("rows").asText(),
                s.path("maxBytes").asInt(64 * 1024 * 1024),
                zone(s));
        return new Manifest.Soap(
                s.path("wsdl").asText(),
                s.path("operation").asText(),
                s.has("version") ? s.path("version").asText() : null,
                arguments,
                token.isMissingNode()
                        ? null
                        : new Manifest.Soap.Token(
                                token.path("username").asText(),
                                token.path("password").asText(),
                                token.path("type").asText().equals("digest")),
                payload,
                pages);
    }

    private Manifest.Topic topic(JsonNode s) {
        JsonNode security = s.path("security");
        Map<String, String> properties = new LinkedHashMap<>();
        s.path("properties")
                .properties()
                .forEach(e -> properties.put(e.getKey(), e.getValue().asText()));
        return new Manifest.Topic(
                s.path("servers").asText(),
                s.path("key").asText().equals("json"),
                new Manifest.Topic.Security(
                        security.path("protocol").asText(""),
                        security.path("mechanism").asText(""),
                        security.path("username").asText(""),
                        security.path("password").asText(""),
                        security.path("authorities").asText("")),
                properties,
                zone(s));
    }

    /** A record without a value has nothing but its key to say who is gone. */
    private void checkKeys(Manifest.Topic topic, List<Manifest.Stream> streams) {
        for (int i = 0; i < streams.size(); i++) {
            Manifest.Stream stream = streams.get(i);
            boolean byKey = stream.key().equals(List.of("kafka-key"));
            if (stream.deletes() == DeletePolicy.LOG && !topic.jsonKey() && !byKey) {
                error(
                        "streams[" + i + "].key",
                        "has to be kafka-key where the topic's deletes count; or use deletes: none");
            }
        }
    }

    /** Each stream has an event that tells of it, and one that tells its end if it says so; nothing refused is read. */
    private void checkEvents(Manifest.Push push, List<Manifest.Stream> streams) {
        List<String> ids = streams.stream().map(Manifest.Stream::id).toList();
        push.events().forEach((type, meaning) -> {
            for (String stream : meaning.streams()) {
                if (!ids.contains(stream)) {
                    error(
                            "settings.events." + type,
                            "there is no stream \"" + stream + "\"" + Suggestion.of(stream, ids));
                }
            }
        });
        for (int i = 0; i < streams.size(); i++) {
            Manifest.Stream stream = streams.get(i);
            String path = "streams[" + i + "]";
            boolean log = stream.deletes() == DeletePolicy.LOG;
            if (push.events().values().stream().noneMatch(m -> m.streams().contains(stream.id()) && !m.deleted())) {
                error(path + ".id", "no event of settings.events tells of this stream");
            }
            if (log
                    != push.events().values().stream()
                            .anyMatch(m -> m.streams().contains(stream.id()) && m.deleted())) {
                error(
                        path + ".deletes",
                        log
                                ? "log needs an event with deleted: true for this stream"
                                : "an event tells the end of this stream's records; use log");
            }
        }
        for (String column : Columns.of(streams).names()) {
            if (push.refuse().contains(column.toLowerCase(Locale.ROOT))) {
                error("settings.refuse", "\"" + column + "\" is refused and read; it can be only one of the two");
            }
        }
    }

    Charset charset(JsonNode name, String path) {
        try {
            return Charset.forName(name.asText());
        } catch (IllegalArgumentException e) {
            error(path, "unknown charset; use UTF-8, GB18030, GBK or Big5");
            return StandardCharsets.UTF_8;
        }
    }

    String zone(JsonNode s) {
        String zone = s.path("timeZone").asText(ZONE);
        checkZone(zone, "settings.timeZone");
        return zone;
    }

    private void checkZone(String zone, String path) {
        try {
            ZoneId.of(zone);
        } catch (DateTimeException e) {
            error(path, "unknown time zone; write it like Asia/Shanghai");
        }
    }

    private Manifest.Stream stream(JsonNode s, String path, String kind, boolean delta) {
        boolean capture = kind.startsWith("capture-");
        boolean from = WITH_FROM.contains(kind);
        if (from && !s.has("from")) {
            error(path, "key \"from\" is missing (the table or topic that the stream is read from)");
        }
        if (!from && s.has("from")) {
            error(path + ".from", "belongs to a database or a topic; a " + kind + " system has one resource");
        }
        DeletePolicy deletes = switch (s.path("deletes").asText()) {
            case "log" -> DeletePolicy.LOG;
            case "full-set" -> DeletePolicy.FULL_SET;
            default -> DeletePolicy.NONE;
        };
        boolean telling = delta || TELLING_DELETES.contains(kind);
        if (deletes == DeletePolicy.LOG && !telling) {
            error(path + ".deletes", "a " + kind + " system does not tell its deletes; use full-set or none");
        }
        if (deletes == DeletePolicy.FULL_SET && telling) {
            error(
                    path + ".deletes",
                    delta
                            ? "a file of changes is no full set; use log or none"
                            : "a " + kind + " system is not read whole; use log or none");
        }
        EntityType type = model.findType(s.path("entity").asText()).orElse(null);
        if (type == null) {
            String given = s.path("entity").asText();
            error(
                    path + ".entity",
                    "the model has no entity type \"" + given + "\""
                            + Suggestion.of(
                                    given,
                                    model.types().stream().map(EntityType::name).toList()));
        }
        List<String> key = columns(s.path("key"));
        Manifest.Condition when = null;
        if (s.has("when")) {
            JsonNode w = s.path("when");
            Set<String> values = new HashSet<>();
            w.path(w.has("in") ? "in" : "notIn").forEach(v -> values.add(v.asText()));
            when = new Manifest.Condition(w.path("column").asText(), values, w.has("notIn"));
        }
        Manifest.Updated updated = s.has("updated") ? updated(s.path("updated"), path + ".updated") : null;
        List<Manifest.FieldRule> rules = new ArrayList<>();
        s.path("fields").properties().forEach(e -> {
            String at = path + ".fields." + e.getKey();
            rules.add(rule(e.getKey(), e.getValue(), at, type));
        });
        List<Manifest.Example> tests = new ArrayList<>();
        JsonNode given = s.path("tests");
        for (int i = 0; i < given.size(); i++) {
            String at = path + ".tests[" + i + "]";
            JsonNode test = given.get(i);
            int outcomes = (test.has("expect") ? 1 : 0) + (test.has("reject") ? 1 : 0) + (test.has("skip") ? 1 : 0);
            if (outcomes != 1) {
                error(at, "a test has one of expect, reject, skip");
            }
            tests.add(new Manifest.Example(test.path("name").asText(), document.lineOf(at), test));
        }
        return new Manifest.Stream(
                s.path("id").asText(),
                s.path("from").asText(""),
                s.path("entity").asText(),
                key,
                when,
                s.path("trust").asInt(),
                s.path("uniqueRecords").asBoolean(),
                deletes,
                s.path("brake").asDouble(0.2),
                updated,
                s.has("writeBack") ? writeBack(s.path("writeBack"), rules, capture, path + ".writeBack") : null,
                rules,
                tests);
    }

    private Manifest.WriteBack writeBack(JsonNode node, List<Manifest.FieldRule> rules, boolean capture, String path) {
        if (!capture) {
            error(path, "belongs to a captured database; nothing is written into other systems");
        }
        Set<String> fields = new LinkedHashSet<>();
        for (int i = 0; i < node.path("fields").size(); i++) {
            String name = node.path("fields").get(i).asText();
            String at = path + ".fields[" + i + "]";
            Optional<Manifest.FieldRule> rule =
                    rules.stream().filter(r -> r.name().equals(name)).findFirst();
            if (rule.isEmpty()) {
                error(
                        at,
                        "the stream has no field \"" + name + "\""
                                + Suggestion.of(
                                        name,
                                        rules.stream()
                                                .map(Manifest.FieldRule::name)
                                                .toList()));
            } else if (!rule.get().isReversible()) {
                error(at, "what \"" + rule.get().function() + "\" makes has no way back into a column");
            }
            fields.add(name);
        }
        Map<String, String> set = new LinkedHashMap<>();
        node.path("set")
                .properties()
                .forEach(e -> set.put(e.getKey(), e.getValue().asText()));
        return new Manifest.WriteBack(
                fields, set, node.has("touch") ? node.path("touch").asText() : null);
    }

    private Manifest.Updated updated(JsonNode node, String path) {
        if (node.isTextual()) {
            return new Manifest.Updated(node.asText(), null, null);
        }
        String pattern = node.has("pattern") ? node.path("pattern").asText() : null;
        if (pattern != null) {
            try {
                DateTimeFormatter unused = DateTimeFormatter.ofPattern(pattern);
            } catch (IllegalArgumentException e) {
                error(path + ".pattern", "is no pattern of a time; write it like yyyy-MM-dd HH:mm:ss");
            }
        }
        String zone = node.has("timeZone") ? node.path("timeZone").asText() : null;
        if (zone != null) {
            checkZone(zone, path + ".timeZone");
        }
        return new Manifest.Updated(node.path("from").asText(), pattern, zone);
    }

    private Manifest.FieldRule rule(
            String name, JsonNode node, String path, @org.jspecify.annotations.Nullable EntityType type) {
        String function = node.path("as").asText();
        Field field = null;
        if (type != null) {
            Optional<Field> found = type.findField(name);
            if (found.isEmpty()) {
                error(
                        path,
                        type.name() + " has no field \"" + name + "\""
                                + Suggestion.of(
                                        name,
                                        type.fields().stream().map(Field::name).toList()));
            } else {
                field = found.get();
            }
        }
        Set<String> known = OPTIONS.getOrDefault(function, Set.of());
        node.properties().forEach(e -> {
            if (!COMMON.contains(e.getKey()) && !known.contains(e.getKey())) {
                error(
                        path + "." + e.getKey(),
                        "is no option of \"" + function + "\""
                                + (known.isEmpty()
                                        ? ", which has none"
                                        : "; it has "
                                                + String.join(
                                                        ", ",
                                                        known.stream().sorted().toList())));
            }
        });
        for (String needed : NEEDED.getOrDefault(function, Set.of())) {
            if (!node.has(needed)) {
                error(path, "\"" + function + "\" needs the key \"" + needed + "\"");
            }
        }
        List<String> from = columns(node.path("from"));
        if (function.equals("constant") != from.isEmpty()) {
            error(path, from.isEmpty() ? "key \"from\" is missing (the column)" : "a constant has no \"from\"");
        }
        if (from.size() > 1 && !function.equals("concat") && !function.equals("reference")) {
            error(path + ".from", "\"" + function + "\" takes one column; join several with concat");
        }
        checkOptions(node, function, from, path);
        if (field != null) {
            checkKind(field, function, node, path);
        }
        Set<String> empty = new HashSet<>();
        node.path("empty").forEach(v -> empty.add(v.asText()));
        return new Manifest.FieldRule(
                name,
                from,
                function,
                node.path("optional").asBoolean(false),
                empty,
                node.path("purpose").asText(),
                node);
    }

    private void checkOptions(JsonNode node, String function, List<String> from, String path) {
        String at = path + ".pattern";
        if (node.has("pattern")) {
            String pattern = node.path("pattern").asText();
            try {
                if (function.equals("date") || function.equals("timestamp")) {
                    var unused = DateTimeFormatter.ofPattern(pattern);
                } else {
                    var unused = Pattern.compile(pattern);
                }
            } catch (PatternSyntaxException e) {
                error(at, "is no regular expression: " + e.getDescription());
            } catch (IllegalArgumentException e) {
                error(at, "is no date pattern; write it like yyyy-MM-dd or yyyyMMdd");
            }
        }
        if (node.has("timeZone")) {
            checkZone(node.path("timeZone").asText(), path + ".timeZone");
        }
        if (function.equals("text")
                && node.has("format")
                && !node.path("format").asText().contains("{}")) {
            error(path + ".format", "lacks {} where the value goes");
        }
        if (function.equals("concat")) {
            Matcher matcher = PLACEHOLDER.matcher(node.path("format").asText());
            while (matcher.find()) {
                if (!from.contains(matcher.group(1))) {
                    error(
                            path + ".format",
                            "unknown column \"" + matcher.group(1) + "\"" + Suggestion.of(matcher.group(1), from)
                                    + "; name it in from as well");
                }
            }
        }
    }

    private void checkKind(Field field, String function, JsonNode node, String path) {
        Set<String> fitting = FITTING.get(field.kind());
        boolean textual = fitting == null;
        if (fitting != null && !fitting.contains(function)) {
            error(
                    path + ".as",
                    "\"" + function + "\" does not make a " + field.kind().wireName() + "; use "
                            + String.join(" or ", fitting.stream().sorted().toList()));
            return;
        }
        if (textual && Set.of("reference").contains(function)) {
            error(
                    path + ".as",
                    "\"" + field.name() + "\" is no reference but a "
                            + field.kind().wireName());
        }
        if (!field.values().isEmpty()) {
            List<String> known = List.copyOf(field.values().keySet());
            node.path("values")
                    .properties()
                    .forEach(e -> checkCode(e.getValue().asText(), known, path + ".values." + e.getKey()));
            if (node.has("otherwise")) {
                checkCode(node.path("otherwise").asText(), known, path + ".otherwise");
            }
            if (function.equals("constant")) {
                checkCode(node.path("value").asText(), known, path + ".value");
            }
        }
        if (function.equals("constant")
                && !field.kind().admits(node.path("value").asText())) {
            error(path + ".value", "is no " + field.kind().wireName());
        }
        if (function.equals("reference")) {
            checkTarget(field, node.path("to").asText(), path + ".to");
        }
    }

    private void checkCode(String code, List<String> known, String path) {
        if (!known.contains(code)) {
            error(path, "the model does not know the code \"" + code + "\"" + Suggestion.of(code, known));
        }
    }

    private void checkTarget(Field field, String to, String path) {
        int colon = to.indexOf(':');
        String name = colon < 0 ? to : to.substring(0, colon);
        if (name.equals("record")) {
            if (!to.matches("record:[^/]+/[^/]+/[^/]*\\{}[^/]*")) {
                error(path, "a record is named record:SOURCE/STREAM/{}");
            }
            return;
        }
        Optional<PoolModel.Identifier> identifier = model.findIdentifier(name);
        if (colon < 0 || identifier.isEmpty()) {
            error(
                    path,
                    "the model has no identifier \"" + name + "\"" + Suggestion.of(name, model.identifierNames())
                            + "; write IDENTIFIER:{} or record:SOURCE/STREAM/{}");
        } else if (!identifier.get().type().name().equals(field.to())) {
            error(
                    path,
                    name + " identifies a " + identifier.get().type().name() + ", but " + field.name() + " refers to a "
                            + field.to());
        }
    }

    private void checkOwnReferences(String id, List<Manifest.Stream> streams) {
        Map<String, String> entities = new HashMap<>();
        streams.forEach(s -> entities.put(s.id(), s.entity()));
        for (int i = 0; i < streams.size(); i++) {
            Manifest.Stream stream = streams.get(i);
            for (Manifest.FieldRule rule : stream.fields()) {
                String to = rule.options().path("to").asText("");
                if (!to.startsWith("record:" + id + "/")) {
                    continue;
                }
                String target = to.split("/", 3)[1];
                String path = "streams[" + i + "].fields." + rule.name() + ".to";
                String wanted = model.findType(stream.entity())
                        .flatMap(t -> t.findField(rule.name()))
                        .map(Field::to)
                        .orElse(null);
                if (!entities.containsKey(target)) {
                    error(
                            path,
                            "this manifest has no stream \"" + target + "\""
                                    + Suggestion.of(target, entities.keySet()));
                } else if (wanted != null && !wanted.equals(entities.get(target))) {
                    error(
                            path,
                            target + " is a stream of " + entities.get(target) + ", but " + rule.name()
                                    + " refers to a " + wanted);
                }
            }
        }
    }

    private static List<String> columns(JsonNode node) {
        if (node.isMissingNode()) {
            return List.of();
        }
        if (node.isArray()) {
            Set<String> columns = new LinkedHashSet<>();
            node.forEach(c -> columns.add(c.asText()));
            return List.copyOf(columns);
        }
        return List.of(node.asText());
    }
}
