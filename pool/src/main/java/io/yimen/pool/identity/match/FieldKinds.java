package io.yimen.pool.identity.match;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The kinds of fields that rules can name. */
final class FieldKinds {
    static final Map<String, FieldKind> BY_ID = index(List.of(
            new LatinName(),
            new LatinText(),
            new Digits(),
            new Code(),
            new Sex(),
            new Day(),
            new HanName(),
            new IdNumber(),
            new Phone(),
            new HanAddress(),
            new PlaceName(),
            new CreditCode()));

    private FieldKinds() {}

    private static Map<String, FieldKind> index(List<FieldKind> kinds) {
        Map<String, FieldKind> map = new LinkedHashMap<>();
        kinds.forEach(k -> map.put(k.id(), k));
        return Map.copyOf(map);
    }

    /** Names in Latin letters. */
    private static final class LatinName implements FieldKind {
        @Override
        public String id() {
            return "latin-name";
        }

        @Override
        public void prepare(String raw, Value into) {
            Texts.latin(raw, into);
        }

        @Override
        public List<String> levels() {
            return List.of("same", "one slip", "close", "similar", "different");
        }

        @Override
        public double[] expected() {
            return new double[] {0.75, 0.12, 0.04, 0.02, 0.07};
        }

        @Override
        public int level(Value a, Value b, Edits edits) {
            if (a.isSame(b)) {
                return 0;
            }
            int longer = Math.max(a.length, b.length);
            int d = Math.abs(a.length - b.length) > 6 ? 99 : edits.distance(a, b);
            if (d == 1 && longer > 2) {
                return 1;
            }
            if (longer >= 5 && d == 2) {
                return 2;
            }
            double jw = edits.jaroWinkler(a, b);
            return jw >= 0.92 ? 2 : jw >= 0.82 || d == 3 && longer >= 8 ? 3 : 4;
        }

        @Override
        public List<String> parts() {
            return List.of("sound", "initial", "skeleton");
        }

        @Override
        public long part(int part, Value v) {
            return switch (part) {
                case 0 -> Texts.soundex(v);
                case 2 -> Texts.skeleton(v);
                default -> v.cp[0];
            };
        }
    }

    /** Streets, places and other text in Latin letters. */
    private static final class LatinText implements FieldKind {
        @Override
        public String id() {
            return "latin-text";
        }

        @Override
        public void prepare(String raw, Value into) {
            Texts.latin(raw, into);
        }

        @Override
        public List<String> levels() {
            return List.of("same", "one slip", "close", "similar", "different");
        }

        @Override
        public double[] expected() {
            return new double[] {0.72, 0.15, 0.05, 0.02, 0.06};
        }

        @Override
        public int level(Value a, Value b, Edits edits) {
            if (a.isSame(b)) {
                return 0;
            }
            int longer = Math.max(a.length, b.length);
            if (Math.abs(a.length - b.length) * 5 > longer * 2) {
                return 4;
            }
            int d = edits.distance(a, b);
            if (d == 1 && longer > 2) {
                return 1;
            }
            if (d == 2 && longer >= 5 || d * 6 <= longer) {
                return 2;
            }
            return d * 7 <= longer * 2 ? 3 : 4;
        }

        @Override
        public List<String> parts() {
            return List.of("sound", "initial", "skeleton", "word");
        }

        @Override
        public long part(int part, Value v) {
            return switch (part) {
                case 0 -> Texts.soundex(v);
                case 2 -> Texts.skeleton(v);
                case 3 -> {
                    int blank = v.indexOf(' ');
                    yield Hash.of(v.cp, 0, blank < 0 ? v.length : blank);
                }
                default -> v.cp[0];
            };
        }
    }

    /** Numbers that are names: postcodes, house numbers, social security numbers. */
    private static final class Digits implements FieldKind {
        @Override
        public String id() {
            return "digits";
        }

        @Override
        public void prepare(String raw, Value into) {
            Texts.compact(raw, into);
        }

        @Override
        public List<String> levels() {
            return List.of("same", "one slip", "two slips", "different");
        }

        @Override
        public double[] expected() {
            return new double[] {0.82, 0.1, 0.02, 0.06};
        }

        @Override
        public int level(Value a, Value b, Edits edits) {
            if (a.isSame(b)) {
                return 0;
            }
            if (Math.abs(a.length - b.length) > 2) {
                return 3;
            }
            int d = edits.distance(a, b);
            int longer = Math.max(a.length, b.length);
            return d == 1 && longer > 1 ? 1 : d == 2 && longer >= 5 ? 2 : 3;
        }

        @Override
        public List<String> parts() {
            return List.of("sorted");
        }

        @Override
        public long part(int part, Value v) {
            return Texts.bag(v, 0, v.length);
        }
    }

    /** Codes: the same or not. */
    private static final class Code implements FieldKind {
        @Override
        public String id() {
            return "code";
        }

        @Override
        public void prepare(String raw, Value into) {
            Texts.compact(raw, into);
        }

        @Override
        public List<String> levels() {
            return List.of("same", "different");
        }

        @Override
        public double[] expected() {
            return new double[] {0.93, 0.07};
        }

        @Override
        public int level(Value a, Value b, Edits edits) {
            return a.isSame(b) ? 0 : 1;
        }
    }

    /** Sex, however it is written; "unknown" says nothing. */
    private static final class Sex implements FieldKind {
        @Override
        public String id() {
            return "sex";
        }

        @Override
        public void prepare(String raw, Value into) {
            Texts.compact(raw, into);
            into.set(
                    switch (into.text()) {
                        case "1", "M", "MALE", "男", "男性" -> "1";
                        case "2", "F", "FEMALE", "女", "女性" -> "2";
                        default -> "";
                    });
        }

        @Override
        public List<String> levels() {
            return List.of("same", "different");
        }

        @Override
        public double[] expected() {
            return new double[] {0.99, 0.01};
        }

        @Override
        public int level(Value a, Value b, Edits edits) {
            return a.isSame(b) ? 0 : 1;
        }
    }

    /** Dates, mostly of birth. */
    private static final class Day implements FieldKind {
        @Override
        public String id() {
            return "date";
        }

        @Override
        public void prepare(String raw, Value into) {
            Texts.date(raw, into);
        }

        @Override
        public List<String> levels() {
            return List.of("same", "parts swapped", "lunar", "one slip", "two parts agree", "different");
        }

        @Override
        public double[] expected() {
            return new double[] {0.88, 0.01, 0.005, 0.03, 0.015, 0.06};
        }

        @Override
        public int level(Value a, Value b, Edits edits) {
            if (a.isSame(b)) {
                return 0;
            }
            if (a.length != 8 || b.length != 8) {
                return edits.distance(a, b) == 1 ? 3 : 5;
            }
            boolean year = same(a, b, 0, 4);
            if (year && swapped(a, b)) {
                return 1;
            }
            int ya = number(a, 0, 4);
            int yb = number(b, 0, 4);
            if (Math.abs(ya - yb) <= 1 && (isLunarOf(a, b) || isLunarOf(b, a))) {
                return 2;
            }
            if (edits.distance(a, b) == 1) {
                return 3;
            }
            boolean month = same(a, b, 4, 6);
            boolean day = same(a, b, 6, 8);
            return year && (month || day) || month && day ? 4 : 5;
        }

        private static boolean isLunarOf(Value a, Value b) {
            int ya = number(a, 0, 4);
            int ma = number(a, 4, 6);
            int mb = number(b, 4, 6);
            int apart = (number(b, 0, 4) - ya) * 12 + mb - ma;
            return apart >= 0 && apart <= 2 && Lunar.toSolar(ya, ma, number(a, 6, 8)) == number(b, 0, 8);
        }

        private static boolean same(Value a, Value b, int from, int to) {
            for (int i = from; i < to; i++) {
                if (a.cp[i] != b.cp[i]) {
                    return false;
                }
            }
            return true;
        }

        private static boolean swapped(Value a, Value b) {
            return a.cp[4] == b.cp[6] && a.cp[5] == b.cp[7] && a.cp[6] == b.cp[4] && a.cp[7] == b.cp[5];
        }

        private static int number(Value v, int from, int to) {
            int n = 0;
            for (int i = from; i < to; i++) {
                int d = v.cp[i] - '0';
                n = d < 0 || d > 9 ? -100000 : n * 10 + d;
            }
            return n;
        }

        @Override
        public List<String> parts() {
            return List.of("year", "month-day", "sorted");
        }

        @Override
        public long part(int part, Value v) {
            if (v.length != 8) {
                return 0;
            }
            return switch (part) {
                case 0 -> Hash.of(v.cp, 0, 4);
                case 1 -> Hash.of(v.cp, 4, 8);
                default -> Texts.bag(v, 0, 8);
            };
        }
    }

    /** Chinese personal names; also met in pinyin. */
    private static final class HanName implements FieldKind {
        @Override
        public String id() {
            return "han-name";
        }

        @Override
        public void prepare(String raw, Value into) {
            Texts.hanName(raw, into);
        }

        @Override
        public List<String> levels() {
            return List.of(
                    "same", "same sound", "look-alike", "other order", "one character", "same surname", "different");
        }

        @Override
        public double[] expected() {
            return new double[] {0.95, 0.015, 0.01, 0.002, 0.01, 0.003, 0.01};
        }

        @Override
        public int level(Value a, Value b, Edits edits) {
            if (a.isSame(b)) {
                return 0;
            }
            boolean hanA = Han.isHan(a.cp[0]);
            boolean hanB = Han.isHan(b.cp[0]);
            if (hanA != hanB) {
                Value han = hanA ? a : b;
                Value latin = hanA ? b : a;
                return spells(latin, han, 0) || spells(latin, han, 1) || spells(latin, han, 2) ? 1 : 6;
            }
            if (a.length == b.length) {
                int sounds = 0;
                int looks = 0;
                int others = 0;
                for (int i = 0; i < a.length; i++) {
                    int x = a.cp[i];
                    int y = b.cp[i];
                    if (x != y) {
                        if (Han.isSameSound(x, y)) {
                            sounds++;
                        } else if (Han.looksLike(x, y)) {
                            looks++;
                        } else {
                            others++;
                        }
                    }
                }
                if (others == 0) {
                    return looks == 0 && (a.length > 2 || sounds == 1)
                            ? 1
                            : looks + sounds == 1 ? 2 : a.length > 2 ? 2 : 5;
                }
                if (isTurned(a, b)) {
                    return 3;
                }
                if (a.length >= 3
                        && (others + looks + sounds == 1 || Texts.bag(a, 0, a.length) == Texts.bag(b, 0, b.length))) {
                    return 4;
                }
            } else if (Math.min(a.length, b.length) >= 2 && edits.distance(a, b) == 1) {
                return 4;
            }
            return a.cp[0] == b.cp[0] ? 5 : 6;
        }

        /** Given name first. */
        private static boolean isTurned(Value a, Value b) {
            int n = a.length;
            for (int shift = 1; shift < n; shift++) {
                boolean same = true;
                for (int i = 0; i < n && same; i++) {
                    same = a.cp[i] == b.cp[(i + shift) % n];
                }
                if (same) {
                    return true;
                }
            }
            return false;
        }

        /** Whether the letters are the reading of the name from its {@code start}-th character, in a ring. */
        private static boolean spells(Value latin, Value han, int start) {
            if (start >= han.length) {
                return false;
            }
            int at = 0;
            for (int i = 0; i < han.length; i++) {
                String s = Han.syllable(han.cp[(start + i) % han.length]);
                if (s.isEmpty() || at + s.length() > latin.length) {
                    return false;
                }
                for (int k = 0; k < s.length(); k++) {
                    if (latin.cp[at++] != s.charAt(k)) {
                        return false;
                    }
                }
            }
            return at == latin.length;
        }

        @Override
        public List<String> parts() {
            return List.of("sound", "surname", "surname-sound", "bag", "given-sound", "sounds");
        }

        @Override
        public long part(int part, Value v) {
            return switch (part) {
                case 0 -> Texts.pinyin(v, 0, v.length);
                case 1 -> v.cp[0];
                case 2 -> Texts.pinyin(v, 0, 1);
                case 4 -> v.length < 2 ? 0 : Texts.pinyin(v, 1, v.length);
                case 5 -> Texts.pinyinBag(v, 0, v.length);
                default -> Texts.bag(v, 0, v.length);
            };
        }
    }

    /** Resident identity numbers, 15 or 18 characters. */
    private static final class IdNumber implements FieldKind {
        @Override
        public String id() {
            return "id-number";
        }

        @Override
        public void prepare(String raw, Value into) {
            Texts.idNumber(raw, into);
        }

        @Override
        public List<String> levels() {
            return List.of("same", "one slip", "two slips", "both valid and different", "different");
        }

        @Override
        public double[] expected() {
            return new double[] {0.95, 0.035, 0.004, 0.001, 0.01};
        }

        @Override
        public boolean isProven(Value v) {
            return Texts.isIdNumber(v);
        }

        @Override
        public int apart() {
            return 3;
        }

        @Override
        public int level(Value a, Value b, Edits edits) {
            if (a.isSame(b)) {
                return 0;
            }
            if (isProven(a) && isProven(b)) {
                return apart();
            }
            if (Math.abs(a.length - b.length) > 2) {
                return 4;
            }
            int d = edits.distance(a, b);
            return d == 1 ? 1 : d == 2 && Math.max(a.length, b.length) >= 15 ? 2 : 4;
        }

        @Override
        public List<String> parts() {
            return List.of("birth", "tail", "sorted");
        }

        @Override
        public long part(int part, Value v) {
            if (v.length != 18) {
                return 0;
            }
            return switch (part) {
                case 0 -> Hash.of(v.cp, 6, 14);
                case 1 -> Hash.of(v.cp, 10, 17);
                default -> Texts.bag(v, 0, 17);
            };
        }
    }

    /** Telephone numbers. */
    private static final class Phone implements FieldKind {
        @Override
        public String id() {
            return "phone";
        }

        @Override
        public void prepare(String raw, Value into) {
            Texts.phone(raw, into);
        }

        @Override
        public List<String> levels() {
            return List.of("same", "other extension", "one slip", "different");
        }

        @Override
        public double[] expected() {
            return new double[] {0.8, 0.01, 0.04, 0.15};
        }

        @Override
        public int level(Value a, Value b, Edits edits) {
            if (a.isSame(b)) {
                return 0;
            }
            int ea = a.indexOf('#');
            int eb = b.indexOf('#');
            if (ea >= 0 || eb >= 0) {
                int la = ea < 0 ? a.length : ea;
                int lb = eb < 0 ? b.length : eb;
                return la == lb && java.util.Arrays.equals(a.cp, 0, la, b.cp, 0, lb) ? 1 : 3;
            }
            return a.length >= 7 && Math.abs(a.length - b.length) <= 1 && edits.distance(a, b) == 1 ? 2 : 3;
        }

        /** Of the line, which characters occur an odd number of times. */
        @Override
        public int sketch(Value v) {
            int e = v.indexOf('#');
            int odd = 0;
            for (int i = e < 0 ? v.length - 1 : e - 1; i >= 0; i--) {
                odd ^= 1 << (v.cp[i] & 15);
            }
            return odd;
        }

        /** One slip changes two of these at most. */
        @Override
        public boolean isFar(int a, int b) {
            return Integer.bitCount(a ^ b) > 2;
        }

        @Override
        public int far() {
            return 3;
        }

        @Override
        public List<String> parts() {
            return List.of("line");
        }

        @Override
        public long part(int part, Value v) {
            int e = v.indexOf('#');
            return Hash.of(v.cp, 0, e < 0 ? v.length : e);
        }
    }

    /** Chinese addresses: compound or road and number | building | unit | door. */
    private static final class HanAddress implements FieldKind {
        @Override
        public String id() {
            return "han-address";
        }

        @Override
        public void prepare(String raw, Value into) {
            HanAddresses.prepare(raw, into);
        }

        @Override
        public List<String> levels() {
            return List.of(
                    "same door",
                    "same door, parts missing",
                    "compound misspelt",
                    "same building",
                    "same compound",
                    "different");
        }

        @Override
        public double[] expected() {
            return new double[] {0.75, 0.05, 0.03, 0.03, 0.04, 0.1};
        }

        @Override
        public boolean isExact() {
            return false;
        }

        @Override
        public int level(Value a, Value b, Edits edits) {
            if (a.isSame(b)) {
                return 0;
            }
            int a1 = next(a, 0);
            int b1 = next(b, 0);
            int a2 = next(a, a1 + 1);
            int b2 = next(b, b1 + 1);
            int a3 = next(a, a2 + 1);
            int b3 = next(b, b2 + 1);
            int building = part(a, a1 + 1, a2, b, b1 + 1, b2);
            int unit = part(a, a2 + 1, a3, b, b2 + 1, b3);
            int door = part(a, a3 + 1, a.length, b, b3 + 1, b.length);
            if (part(a, 0, a1, b, 0, b1) == 0) {
                if (building == 2 || building == 0 && unit == 2) {
                    return 4;
                }
                return door == 2 ? 3 : door == 0 && a3 + 1 < a.length ? building == 0 && unit == 0 ? 0 : 1 : 4;
            }
            boolean sameRest = building == 0 && door == 0 && unit != 2 && a3 + 1 < a.length;
            return sameRest && isNear(a, a1, b, b1) ? 2 : 5;
        }

        /** Half of it for the compound, half for building and door. */
        @Override
        public int sketch(Value v) {
            int compound = next(v, 0);
            int building = Math.min(next(v, compound + 1), v.length);
            int unit = Math.min(next(v, building + 1), v.length);
            long rest = Hash.combine(Hash.of(v.cp, compound, building), Hash.of(v.cp, unit, v.length));
            return (int) (Hash.of(v.cp, 0, compound) >>> 56) << 8 | (int) (rest >>> 56);
        }

        /** Of two that are alike the compound is the same, or building and door are. */
        @Override
        public boolean isFar(int a, int b) {
            return (a ^ b) >>> 8 != 0 && ((a ^ b) & 255) != 0;
        }

        @Override
        public int far() {
            return 5;
        }

        private static boolean isNear(Value a, int la, Value b, int lb) {
            if (la != lb) {
                return Math.abs(la - lb) <= 2 && (Texts.startsWith(a, la, b, lb) || Texts.startsWith(b, lb, a, la));
            }
            int others = 0;
            for (int i = 0; i < la; i++) {
                if (a.cp[i] != b.cp[i]) {
                    others++;
                }
            }
            return others == 1 && la >= 3;
        }

        private static int next(Value v, int from) {
            int i = from;
            while (i < v.length && v.cp[i] != '|') {
                i++;
            }
            return i;
        }

        /** 0 the same, 1 missing on one side, 2 different. */
        private static int part(Value a, int a0, int a1, Value b, int b0, int b1) {
            int la = Math.max(0, a1 - a0);
            int lb = Math.max(0, b1 - b0);
            if (la == 0 && lb == 0) {
                return 0;
            }
            if (la == 0 || lb == 0) {
                return 1;
            }
            return la == lb && java.util.Arrays.equals(a.cp, a0, a1, b.cp, b0, b1) ? 0 : 2;
        }

        @Override
        public List<String> parts() {
            return List.of("compound", "door");
        }

        @Override
        public long part(int part, Value v) {
            int compound = next(v, 0);
            return part == 0
                    ? compound == 0 ? 0 : Hash.of(v.cp, 0, compound)
                    : compound + 3 >= v.length ? 0 : Hash.of(v.cp, compound, v.length);
        }
    }

    /** Names of communities, villages, streets and of the organisations that carry them: core | kind. */
    private static final class PlaceName implements FieldKind {
        @Override
        public String id() {
            return "place-name";
        }

        @Override
        public void prepare(String raw, Value into) {
            into.set(Texts.placeName(raw));
        }

        @Override
        public List<String> levels() {
            return List.of(
                    "same",
                    "variant",
                    "affix",
                    "other kind",
                    "one character",
                    "differs in direction or number",
                    "different");
        }

        @Override
        public double[] expected() {
            return new double[] {0.965, 0.008, 0.006, 0.004, 0.004, 0.003, 0.01};
        }

        /** A name that does not say its kind is the same as one that does. */
        @Override
        public boolean isExact() {
            return false;
        }

        @Override
        public int level(Value a, Value b, Edits edits) {
            if (a.isSame(b)) {
                return 0;
            }
            int la = a.indexOf('|');
            int lb = b.indexOf('|');
            boolean sameKind = la + 1 == a.length || lb + 1 == b.length || a.cp[a.length - 1] == b.cp[b.length - 1];
            if (la == lb) {
                int sounds = 0;
                int others = 0;
                int marks = 0;
                for (int i = 0; i < la; i++) {
                    int x = a.cp[i];
                    int y = b.cp[i];
                    if (x != y) {
                        if (Texts.isMark(x) || Texts.isMark(y)) {
                            marks++;
                        } else if (Han.isSameSound(x, y) || Han.looksLike(x, y)) {
                            sounds++;
                        } else {
                            others++;
                        }
                    }
                }
                if (marks + others + sounds == 0) {
                    return sameKind ? 0 : 3;
                }
                if (marks > 0) {
                    return others + sounds == 0 ? 5 : 6;
                }
                if (sounds == 1 && others == 0) {
                    return sameKind ? 1 : 6;
                }
                return sounds + others == 1 && la >= 3 && sameKind ? 4 : 6;
            }
            Value s = la < lb ? a : b;
            Value t = la < lb ? b : a;
            int ls = Math.min(la, lb);
            int lt = Math.max(la, lb);
            if (ls >= 2 && lt - ls <= 4) {
                int marks = Texts.insertedMarks(s, ls, t, lt);
                if (marks > 0 && !Texts.isQualified(s, ls, t, lt)) {
                    return 5;
                }
                if (marks >= 0) {
                    boolean another = !sameKind || Texts.isInstitution(t, lt) && !Texts.isInstitution(s, ls);
                    return another ? 6 : ls >= 3 || lt - ls == 1 ? 2 : 4;
                }
            }
            return 6;
        }

        @Override
        public List<String> parts() {
            return List.of("core", "sound", "start", "end");
        }

        @Override
        public long part(int part, Value v) {
            int core = v.indexOf('|');
            return switch (part) {
                case 0 -> Hash.of(v.cp, 0, core);
                case 1 -> Texts.pinyin(v, 0, core);
                case 2 -> Hash.of(v.cp, 0, Math.min(2, core));
                default -> Hash.of(v.cp, Math.max(0, core - 2), core);
            };
        }
    }

    /** Unified social credit codes. */
    private static final class CreditCode implements FieldKind {
        @Override
        public String id() {
            return "credit-code";
        }

        @Override
        public void prepare(String raw, Value into) {
            Texts.compact(raw, into);
        }

        @Override
        public List<String> levels() {
            return List.of("same", "one slip", "both valid and different", "different");
        }

        @Override
        public double[] expected() {
            return new double[] {0.96, 0.02, 0.01, 0.01};
        }

        @Override
        public boolean isProven(Value v) {
            return Texts.isCreditCode(v);
        }

        @Override
        public int apart() {
            return 2;
        }

        @Override
        public int level(Value a, Value b, Edits edits) {
            if (a.isSame(b)) {
                return 0;
            }
            if (isProven(a) && isProven(b)) {
                return apart();
            }
            return Math.abs(a.length - b.length) <= 1 && edits.distance(a, b) == 1 ? 1 : 3;
        }
    }
}
