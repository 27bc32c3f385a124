package io.yimen.simulators;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Beijing's divisions as two editions of the register publish them; 14 of its 16 districts. */
public final class Divisions {
    private Divisions() {}

    /** The edition of 2016, in the order of its file. */
    public static List<Division> edition2016() {
        return read(
                "beijing_divisions_2016.csv",
                row -> new Division(
                        row.getField("code"),
                        row.getField("parent_code"),
                        row.getField("name"),
                        row.getField("level"),
                        "",
                        row.getField("ur_code"),
                        row.getField("lon_gcj02"),
                        row.getField("lat_gcj02"),
                        row.getField("county"),
                        row.getField("town")));
    }

    /** The edition of 2023, in the order of its file. */
    public static List<Division> edition2023() {
        List<Division> flat = read(
                "beijing_divisions_2023.csv",
                row -> new Division(
                        row.getField("code"),
                        row.getField("parent_code"),
                        row.getField("name"),
                        row.getField("level"),
                        row.getField("kind"),
                        "",
                        "",
                        "",
                        "",
                        ""));
        Map<String, String> names = new LinkedHashMap<>();
        flat.forEach(d -> names.put(d.code(), d.name()));
        return flat.stream()
                .map(d -> {
                    boolean belowCity =
                            !d.level().equals("province") && !d.level().equals("city");
                    boolean belowCounty = belowCity && !d.level().equals("county");
                    return new Division(
                            d.code(),
                            d.parent(),
                            d.name(),
                            d.level(),
                            d.kind(),
                            "",
                            "",
                            "",
                            belowCity ? names.getOrDefault(d.code().substring(0, 6) + "000000", "") : "",
                            belowCounty ? names.getOrDefault(d.code().substring(0, 9) + "000", "") : "");
                })
                .toList();
    }

    private static List<Division> read(String file, Function<NamedCsvRecord, Division> row) {
        try (BufferedReader reader = reader(file);
                CsvReader<NamedCsvRecord> csv = CsvReader.builder().ofNamedCsvRecord(reader)) {
            return csv.stream().map(row).toList();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file, e);
        }
    }

    static BufferedReader reader(String file) {
        InputStream in = Divisions.class.getResourceAsStream("data/" + file);
        if (in == null) {
            throw new SimulatorException(file + " is not on the class path");
        }
        return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }
}
