package io.yimen.connectors.extract;

import io.yimen.connectors.manifest.FileDropSettings;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.mapping.Columns;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The columns that a file has to have, and what its column of operations means. Immutable. */
final class DropColumns {
    private final Manifest manifest;
    private final FileDropSettings settings;
    private final FileDropSettings.@Nullable Delta delta;
    private final Columns columns;

    /** What a row of a file of changes says of its record. */
    enum Operation {
        UPSERT,
        DELETE,
        UNKNOWN
    }

    /** Why a file's columns do not do. */
    record Problem(String code, String message) {}

    DropColumns(Manifest manifest, FileDropSettings settings) {
        this.manifest = manifest;
        this.settings = settings;
        this.delta = settings.delta();
        List<String> names = new ArrayList<>(Columns.of(manifest.streams()).names());
        if (delta != null) {
            names.add(delta.column());
        }
        this.columns = new Columns(names);
    }

    Columns columns() {
        return columns;
    }

    Operation operation(@Nullable String[] row) {
        if (delta == null) {
            return Operation.UPSERT;
        }
        String value = row[columns.indexOf(delta.column())];
        String said = value == null ? "" : value.strip();
        if (delta.delete().contains(said)) {
            return Operation.DELETE;
        }
        return delta.upsert().contains(said) ? Operation.UPSERT : Operation.UNKNOWN;
    }

    /**
     * What is wrong with the columns of a file; null if nothing is. A header must have all that are needed and none that
     * nobody knows; without a header, what nobody knows is passed over.
     */
    @Nullable
    Problem findProblem(String file, List<String> names, boolean header) {
        List<String> problems = new ArrayList<>();
        boolean missing = false;
        if (header) {
            for (String name : new TreeSet<>(names)) {
                boolean known = columns.indexOf(name) >= 0;
                if (!known && !name.isEmpty() && !settings.ignore().contains(name)) {
                    problems.add("unknown column \"" + shown(name) + "\"");
                } else if (known && names.indexOf(name) != names.lastIndexOf(name)) {
                    problems.add("column \"" + name + "\" twice");
                }
            }
        }
        for (String column : columns.names()) {
            boolean needed = !manifest.isOptional(column) || (delta != null && column.equals(delta.column()));
            if (needed && !names.contains(column)) {
                missing = true;
                problems.add((header ? "missing column \"" : "no row with \"") + column + "\"");
            }
        }
        return problems.isEmpty()
                ? null
                : new Problem(
                        missing ? "missing-column" : "unknown-column",
                        (header ? "the header of " + file : file) + " has " + String.join(", ", problems)
                                + "; declare what changed in " + manifest.file()
                                + (header ? " (settings.ignore for columns that nobody needs)" : ""));
    }

    /** Columns of a file without a header that nobody asked for; empty where it is only that each row has others. */
    Set<String> unknown(List<String> names) {
        return columns.unasked(
                names.stream().filter(name -> !settings.ignore().contains(name)).toList());
    }

    /** A header in a wrong charset or without one may hold anything, data included. */
    private static String shown(String name) {
        return name.codePointCount(0, name.length()) > 30
                ? name.substring(0, name.offsetByCodePoints(0, 30)) + "…"
                : name;
    }
}
