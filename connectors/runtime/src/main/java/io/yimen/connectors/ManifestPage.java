package io.yimen.connectors;

import io.yimen.connectors.manifest.Manifest;
import io.yimen.pool.claim.DeletePolicy;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.PoolModel;
import java.util.stream.Collectors;

/**
 * A page of Markdown that says what a connector takes from its system, what for, and what has to be configured: all of
 * it from the manifest, none written by hand.
 */
public final class ManifestPage {
    private final PoolModel model;

    /** @param model whose types and fields the manifests name */
    public ManifestPage(PoolModel model) {
        this.model = model;
    }

    /** The page of one manifest. */
    public String of(Manifest manifest) {
        StringBuilder page = new StringBuilder();
        page.append("# ").append(manifest.system().title()).append("\n\n");
        page.append("*Written by `./yimen connector page` from [connector.yaml](connector.yaml).*\n\n");
        page.append(manifest.system().titleEn())
                .append(". Owner: ")
                .append(manifest.system().owner());
        page.append(". Read by `")
                .append(manifest.kind())
                .append("`, see [connectors.md](../../../docs/connectors.md).");
        page.append(" Times without a zone are in ")
                .append(manifest.settings().timeZone())
                .append(".\n\n");
        parameters(manifest, page);
        manifest.streams().forEach(stream -> stream(stream, page));
        return page.toString();
    }

    private static void parameters(Manifest manifest, StringBuilder page) {
        page.append("## Configuration\n| key | | what |\n|---|---|---|\n");
        manifest.parameters().values().forEach(parameter -> {
            page.append("| `yimen.connector.").append(manifest.id()).append('.').append(parameter.name());
            page.append("` | ").append(parameter.required() ? "required" : standard(parameter));
            page.append(parameter.secret() ? ", secret" : "").append(" | ");
            page.append(cell(parameter.description())).append(" |\n");
        });
        page.append('\n');
    }

    private static String standard(Manifest.Parameter parameter) {
        return parameter.defaultValue() == null ? "optional" : "`" + parameter.defaultValue() + "`";
    }

    private void stream(Manifest.Stream stream, StringBuilder page) {
        EntityType type = model.getType(stream.entity());
        page.append("## ")
                .append(stream.id())
                .append(" → ")
                .append(type.label().zh())
                .append("\n");
        if (!stream.from().isEmpty()) {
            page.append("From `").append(stream.from()).append("`. ");
        }
        page.append("Key `").append(String.join("`, `", stream.key())).append("`; ");
        page.append("trust ").append(stream.trust()).append("; ").append(deletes(stream.deletes()));
        Manifest.Condition when = stream.when();
        if (when != null) {
            page.append("; rows whose `").append(when.column()).append(when.negated() ? "` is not " : "` is ");
            page.append(when.values().stream().sorted().map(v -> "`" + v + "`").collect(Collectors.joining(", ")));
        }
        if (stream.updated() != null) {
            page.append("; last changed at `").append(stream.updated().from()).append('`');
        }
        page.append(".\n\n| field | from | as | what for |\n|---|---|---|---|\n");
        for (Manifest.FieldRule field : stream.fields()) {
            page.append("| ").append(type.getField(field.name()).label().zh());
            page.append(" `").append(field.name()).append('`');
            page.append(type.getField(field.name()).isSensitive() ? " (sealed)" : "")
                    .append(" | ");
            page.append(field.from().stream().map(c -> "`" + c + "`").collect(Collectors.joining(", ")));
            page.append(field.optional() ? " (may be missing)" : "").append(" | ");
            page.append(field.function())
                    .append(" | ")
                    .append(cell(field.purpose()))
                    .append(" |\n");
        }
        Manifest.WriteBack back = stream.writeBack();
        if (back != null) {
            page.append("\nWhere the configuration says so, corrections are written back into ");
            page.append(back.fields().stream().sorted().map(f -> "`" + f + "`").collect(Collectors.joining(", ")));
            page.append(".\n");
        }
        page.append('\n');
    }

    private static String deletes(DeletePolicy policy) {
        return switch (policy) {
            case LOG -> "the source tells what is deleted";
            case FULL_SET -> "what a whole read lacks is deleted";
            case TOMBSTONE -> "a record says itself that it is deleted";
            case NONE -> "nothing is deleted";
        };
    }

    private static String cell(String text) {
        return text.replace("|", "\\|");
    }
}
