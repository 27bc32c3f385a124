package io.yimen.bench;

import java.util.Locale;

/** What was measured on one set. */
record IdentityResult(
        String set,
        long pairs,
        long predicted,
        double precision,
        double recall,
        double f1,
        double completeness,
        long falsePairs,
        long falseMerges,
        int records,
        double recordsPerSecond,
        double bytesPerRecord,
        double candidatesMean,
        int candidatesP99,
        double learnSeconds,
        double incrementalPerSecond,
        double incrementalP99Ms) {

    static String header() {
        return String.format(
                Locale.ROOT,
                "%-28s %8s %9s %9s %9s %9s %6s %8s %9s %7s %7s %5s %7s %9s %7s",
                "set",
                "pairs",
                "precision",
                "recall",
                "f1",
                "complete",
                "false",
                "records",
                "records/s",
                "bytes",
                "cand",
                "p99",
                "learn s",
                "incr/s",
                "p99 ms");
    }

    String row() {
        return String.format(
                Locale.ROOT,
                "%-28s %8d %9.5f %9.5f %9.5f %9.5f %6d %8d %9.0f %7.0f %7.1f %5d %7.2f %9.0f %7.2f",
                set,
                pairs,
                precision,
                recall,
                f1,
                completeness,
                falsePairs,
                records,
                recordsPerSecond,
                bytesPerRecord,
                candidatesMean,
                candidatesP99,
                learnSeconds,
                incrementalPerSecond,
                incrementalP99Ms);
    }

    String json() {
        return "{\"set\":\"" + set.replace("\\", "\\\\").replace("\"", "\\\"") + "\",\"pairs\":" + pairs
                + ",\"predicted\":" + predicted
                + ",\"precision\":" + number(precision) + ",\"recall\":" + number(recall) + ",\"f1\":" + number(f1)
                + ",\"pairsCompleteness\":" + number(completeness) + ",\"falsePairs\":"
                + (Double.isNaN(f1) ? "null" : Long.toString(falsePairs))
                + ",\"falseMerges\":" + (Double.isNaN(f1) || falseMerges < 0 ? "null" : Long.toString(falseMerges))
                + ",\"records\":"
                + records + ",\"recordsPerSecond\":" + Math.round(recordsPerSecond)
                + ",\"bytesPerRecord\":" + number(bytesPerRecord) + ",\"candidatesMean\":" + number(candidatesMean)
                + ",\"candidatesP99\":" + candidatesP99 + ",\"learnSeconds\":" + number(learnSeconds)
                + ",\"incrementalRecordsPerSecond\":" + Math.round(incrementalPerSecond)
                + ",\"incrementalP99Millis\":" + number(incrementalP99Ms) + "}";
    }

    private static String number(double d) {
        return !Double.isFinite(d) ? "null" : String.format(Locale.ROOT, "%.6f", d);
    }
}
