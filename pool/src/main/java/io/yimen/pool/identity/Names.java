package io.yimen.pool.identity;

import java.text.Normalizer;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is left of a Chinese place's or committee's name once style is taken off, so that 多福巷社区, 多福巷社区居委会 and
 * 多福巷社区居民委员会 are one name, and 永安里社区 and 永安里东社区 are two.
 *
 * <p>Only a suffix of style is taken off, never compared by likeness. All functions are idempotent in effect: what they
 * return stays when given again, unless a name consists of suffixes alone.
 */
public final class Names {
    private static final Pattern NOISE = Pattern.compile("[\\s\\p{Z}\\p{P}\\p{C}·]+");
    private static final List<String> URBAN =
            List.of("社区居民委员会", "社区居委员会", "社区居委会", "社区居民会", "社区委员会", "居民委员会", "居民委会", "居委员会", "居委会");
    private static final List<String> RURAL = List.of("村民委员会", "村委员会", "村民委会", "村委会");
    private static final List<String> TOWN = List.of("街道办事处", "地区办事处", "人民政府", "办事处", "街道", "地区", "镇", "乡");
    private static final Pattern DIVISIONS =
            Pattern.compile("^(?:[^省]{2,8}省|[^区]{2,10}自治区)?(?:[^市]{2,8}市)(?:市辖区)?(?:[^区县旗市]{1,8}(?:区|县|旗|市))?"
                    + "(?:[^社村居]{1,10}?(?:街道办事处|地区办事处|街道|地区|镇|乡))?(?=.*(?:委员会|委会|社区|村)$)");

    private Names() {}

    /** NFKC, without blanks, punctuation and control characters. */
    static String compact(String name) {
        return NOISE.matcher(Normalizer.normalize(name, Normalizer.Form.NFKC)).replaceAll("");
    }

    /** A place's name without what says which kind of place it is. Empty only for an empty name. */
    public static String placeName(String name) {
        return bare(compact(name));
    }

    /**
     * The kind that the name tells: {@code JWH} for a community, {@code CWH} for a village, {@code OTHER}. Town and
     * county are {@code OTHER}, for their type changes without the place becoming another.
     */
    public static String placeKind(String name) {
        String compact = compact(name);
        if (compact.isEmpty()) {
            return "";
        }
        if (endsWithAny(compact, URBAN) || compact.endsWith("社区")) {
            return "JWH";
        }
        return endsWithAny(compact, RURAL) || compact.endsWith("村") ? "CWH" : "OTHER";
    }

    /** A committee's name without the divisions before it and without what says that it is a committee. */
    public static String orgName(String name) {
        String compact = compact(name);
        Matcher divisions = DIVISIONS.matcher(compact);
        if (divisions.find()) {
            String rest = bare(compact.substring(divisions.end()));
            if (!rest.isEmpty() && !isSuffix(compact.substring(divisions.end()))) {
                return rest;
            }
        }
        return bare(compact);
    }

    private static String bare(String name) {
        if (isSuffix(name)) {
            return name;
        }
        String bare = strip(name, URBAN);
        if (!bare.equals(name)) {
            return seat(strip(bare, List.of("社区")));
        }
        bare = strip(name, RURAL);
        if (!bare.equals(name)) {
            return strip(bare, List.of("村"));
        }
        bare = strip(name, List.of("社区"));
        if (!bare.equals(name)) {
            return seat(bare);
        }
        bare = strip(name, List.of("村"));
        if (!bare.equals(name)) {
            return bare;
        }
        bare = strip(name, TOWN);
        return bare.equals(name) ? strip(name, List.of("区", "县")) : bare;
    }

    /** The community at a town's seat is called by the town with or without 镇: 冯家峪社区, 冯家峪镇社区. */
    private static String seat(String name) {
        return name.length() > 2 ? strip(name, List.of("镇")) : name;
    }

    private static String strip(String name, List<String> suffixes) {
        for (String suffix : suffixes) {
            if (name.length() > suffix.length() && name.endsWith(suffix)) {
                return name.substring(0, name.length() - suffix.length());
            }
        }
        return name;
    }

    private static boolean isSuffix(String name) {
        return URBAN.contains(name) || RURAL.contains(name) || name.equals("社区") || name.equals("村");
    }

    private static boolean endsWithAny(String name, List<String> suffixes) {
        return suffixes.stream().anyMatch(name::endsWith);
    }
}
