package io.yimen.pool.identity.match;

import java.text.Normalizer;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Normal forms in which values are compared. */
final class Texts {
    private static final int[] ID_WEIGHTS = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    private static final String ID_CHECK = "10X98765432";
    private static final String CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    private static final String MARKS = "东西南北中前后上下大小左右内外甲乙丙丁一二三四五六七八九十0123456789新老";
    private static final String HAN_DIGITS = "〇一二三四五六七八九";
    private static final Pattern CJK_DATE =
            Pattern.compile("(\\d{4})[年/.\\-](\\d{1,2})[月/.\\-](\\d{1,2})日?(?:[T ].*)?");
    private static final Pattern NUMBERED = Pattern.compile("([〇一二三四五六七八九十百]+)(?=号|栋|幢|座|单元|门|室|层|楼|区)");
    private static final Pattern PREFIX =
            Pattern.compile("^(?:中国)?(?:[\\p{IsHan}]{2,6}?(?:省|自治区))?(?:北京市|天津市|上海市|重庆市|[\\p{IsHan}]{2,4}?市)?"
                    + "(?:[\\p{IsHan}]{1,4}?(?:区|县)(?!\\d))?(?:[\\p{IsHan}]{2,6}?(?:街道|地区|镇|乡)(?:办事处)?)?");
    private static final Pattern BUILDING = Pattern.compile("([0-9A-Z甲乙丙丁]+)(?:号楼|栋|幢|座|楼)");
    private static final Pattern UNIT = Pattern.compile("([0-9A-Z甲乙丙丁]+)(?:单元|门)");
    private static final Pattern DOOR = Pattern.compile("([0-9]+[A-Z]?)(?:室|户|号)?$");
    private static final Pattern DASHED = Pattern.compile("^(.*?[^0-9\\-])([0-9]+)-(?:([0-9]+)-)?([0-9]+)$");
    private static final String[][] ENDINGS = {
        {"社区居民委员会", "J"},
        {"社区居委会", "J"},
        {"社区委员会", "J"},
        {"居民委员会", "J"},
        {"居委会", "J"},
        {"村民委员会", "C"},
        {"村委会", "C"},
        {"村经济合作社", "C"},
        {"街道办事处", "T"},
        {"地区办事处", "T"},
        {"办事处", "T"}
    };

    private static final String[][] TOWNS = {{"街道", "S"}, {"地区", "D"}, {"镇", "Z"}, {"乡", "X"}};

    private Texts() {}

    /** Full-width to half-width, compatibility forms folded, upper case, nothing but letters and digits. */
    static String compact(String raw) {
        String s = isPlain(raw) ? raw : Normalizer.normalize(raw, Normalizer.Form.NFKC);
        StringBuilder b = new StringBuilder(s.length());
        for (int i = 0; i < s.length(); ) {
            int c = s.codePointAt(i);
            i += Character.charCount(c);
            if (Character.isLetterOrDigit(c)) {
                b.appendCodePoint(Character.toUpperCase(c));
            }
        }
        return b.toString();
    }

    private static boolean isPlain(String s) {
        for (int i = 0; i < s.length(); i++) {
            if (s.charAt(i) > 126) {
                return false;
            }
        }
        return true;
    }

    /** Lower case, accents dropped, single blanks. */
    static String latin(String raw) {
        String s = raw;
        if (!isPlain(raw)) {
            s = Normalizer.normalize(raw, Normalizer.Form.NFKD);
        }
        StringBuilder b = new StringBuilder(s.length());
        boolean gap = false;
        for (int i = 0; i < s.length(); ) {
            int c = s.codePointAt(i);
            i += Character.charCount(c);
            if (Character.isLetterOrDigit(c)) {
                if (gap && b.length() > 0) {
                    b.append(' ');
                }
                gap = false;
                b.appendCodePoint(Character.toLowerCase(c));
            } else if (c != '\'' && Character.getType(c) != Character.NON_SPACING_MARK) {
                gap = true;
            }
        }
        return b.toString();
    }

    /** yyyymmdd where it can be told, else the digits. */
    static String date(String raw) {
        String s = (isPlain(raw) ? raw : Normalizer.normalize(raw, Normalizer.Form.NFKC)).strip();
        if (s.length() == 8 || s.isEmpty()) {
            boolean digits = true;
            for (int i = 0; i < s.length(); i++) {
                digits &= s.charAt(i) >= '0' && s.charAt(i) <= '9';
            }
            if (digits) {
                return s;
            }
        }
        Matcher m = CJK_DATE.matcher(s);
        if (m.matches()) {
            return m.group(1) + two(m.group(2)) + two(m.group(3));
        }
        return compact(s);
    }

    private static String two(String s) {
        return s.length() == 1 ? "0" + s : s;
    }

    /** Simplified characters without blanks and dots; letters in lower case; a remark in brackets is dropped. */
    static String hanName(String raw) {
        String s = Normalizer.normalize(raw, Normalizer.Form.NFKC);
        StringBuilder b = new StringBuilder(s.length());
        int depth = 0;
        for (int i = 0; i < s.length(); ) {
            int c = s.codePointAt(i);
            i += Character.charCount(c);
            if (c == '(' || c == '[') {
                depth++;
            } else if (c == ')' || c == ']') {
                depth = Math.max(0, depth - 1);
            } else if (depth == 0 && Character.isLetter(c)) {
                b.appendCodePoint(Character.toLowerCase(Han.simplified(c)));
            }
        }
        return b.toString();
    }

    /** 18 characters where 15 were given; as it is where it is neither. */
    static String idNumber(String raw) {
        String s = compact(raw);
        if (s.length() == 15 && s.chars().allMatch(c -> c >= '0' && c <= '9')) {
            String t = s.substring(0, 6) + "19" + s.substring(6);
            return t + checkOf(t);
        }
        return s;
    }

    private static char checkOf(String seventeen) {
        int sum = 0;
        for (int i = 0; i < 17; i++) {
            sum += (seventeen.charAt(i) - '0') * ID_WEIGHTS[i];
        }
        return ID_CHECK.charAt(sum % 11);
    }

    static boolean isIdNumber(Value v) {
        if (v.length != 18) {
            return false;
        }
        int sum = 0;
        for (int i = 0; i < 17; i++) {
            int d = v.cp[i] - '0';
            if (d < 0 || d > 9) {
                return false;
            }
            sum += d * ID_WEIGHTS[i];
        }
        int month = (v.cp[10] - '0') * 10 + v.cp[11] - '0';
        int day = (v.cp[12] - '0') * 10 + v.cp[13] - '0';
        return v.cp[17] == ID_CHECK.charAt(sum % 11) && month >= 1 && month <= 12 && day >= 1 && day <= 31;
    }

    static boolean isCreditCode(Value v) {
        if (v.length != 18) {
            return false;
        }
        int sum = 0;
        int weight = 1;
        for (int i = 0; i < 17; i++) {
            int n = CREDIT.indexOf(v.cp[i]);
            if (n < 0) {
                return false;
            }
            sum += n * weight;
            weight = weight * 3 % 31;
        }
        return CREDIT.indexOf(v.cp[17]) == (31 - sum % 31) % 31;
    }

    /** Digits of the line, {@code #} extension; country code, trunk zero and Beijing's area code dropped. */
    static String phone(String raw) {
        String s = Normalizer.normalize(raw, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
        StringBuilder line = new StringBuilder();
        StringBuilder extension = new StringBuilder();
        boolean inside = false;
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c >= '0' && c <= '9') {
                (inside ? extension : line).append(c);
            } else if (c == '转' || c == '#' || c == 'x' || c == '*' || c == '-' && isLine(line)) {
                inside = line.length() > 0;
            } else if (c == '、' || c == ',' || c == ';' || c == '/') {
                if (line.length() >= 7) {
                    break;
                }
            }
        }
        String l = line.toString();
        if (l.startsWith("0086")) {
            l = l.substring(4);
        } else if (l.startsWith("86") && l.length() >= 12) {
            l = l.substring(2);
        }
        if (l.length() == 12 && l.startsWith("01") && l.charAt(2) != '0') {
            l = l.substring(1);
        }
        if (l.length() == 11 && l.startsWith("010") || l.length() == 10 && l.startsWith("10")) {
            l = l.substring(l.length() - 8);
        }
        return extension.length() == 0 || l.length() == 11 && l.charAt(0) == '1' ? l : l + "#" + extension;
    }

    /** Whether the digits so far are a whole number, so that a dash begins its extension. */
    private static boolean isLine(StringBuilder line) {
        int n = line.length();
        char first = n == 0 ? ' ' : line.charAt(0);
        return first == '0' ? n >= 10 : first == '1' ? n == 11 : n == 7 || n == 8;
    }

    /** Compound or road | building | unit | door. */
    static String address(String raw) {
        String s = Normalizer.normalize(raw, Normalizer.Form.NFKC).toUpperCase(Locale.ROOT);
        StringBuilder b = new StringBuilder();
        for (int i = 0; i < s.length(); ) {
            int c = s.codePointAt(i);
            i += Character.charCount(c);
            if (Character.isLetterOrDigit(c)) {
                b.appendCodePoint(Han.simplified(c));
            } else if (c == '-' || c == '—' || c == '–' || c == '－') {
                b.append('-');
            }
        }
        String t = NUMBERED.matcher(b).replaceAll(m -> Integer.toString(hanNumber(m.group(1))));
        Matcher prefix = PREFIX.matcher(t);
        if (prefix.find() && prefix.end() < t.length() && prefix.end() > 0) {
            String rest = t.substring(prefix.end());
            if (rest.codePoints().anyMatch(Han::isHan)) {
                t = rest;
            }
        }
        String building = "";
        String unit = "";
        String door = "";
        Matcher dashed = DASHED.matcher(t);
        if (dashed.matches()) {
            building = dashed.group(2);
            unit = dashed.group(3) == null ? "" : dashed.group(3);
            door = dashed.group(4);
            t = dashed.group(1);
        } else {
            Matcher m = UNIT.matcher(t);
            int cut = t.length();
            if (m.find()) {
                unit = m.group(1);
                cut = m.start();
            }
            Matcher d = DOOR.matcher(t);
            if (d.find()
                    && d.start() > 0
                    && (cut < t.length() || BUILDING.matcher(t).find() || t.endsWith("室"))) {
                door = d.group(1);
                cut = Math.min(cut, d.start());
            }
            m = BUILDING.matcher(t);
            while (m.find()) {
                if (m.start() > 0 && m.start() <= cut) {
                    building = m.group(1);
                    cut = m.start();
                    break;
                }
            }
            t = t.substring(0, cut);
        }
        t = t.replace("-", "");
        if (t.endsWith("小区") && t.length() > 3) {
            t = t.substring(0, t.length() - 2);
        }
        return t.isEmpty() && door.isEmpty() ? "" : t + "|" + plain(building) + "|" + plain(unit) + "|" + plain(door);
    }

    private static String plain(String number) {
        int i = 0;
        while (i + 1 < number.length() && number.charAt(i) == '0') {
            i++;
        }
        return number.substring(i);
    }

    private static int hanNumber(String s) {
        int total = 0;
        int digit = 0;
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c == '十') {
                total += (digit == 0 ? 1 : digit) * 10;
                digit = 0;
            } else if (c == '百') {
                total += (digit == 0 ? 1 : digit) * 100;
                digit = 0;
            } else {
                digit = digit * (total == 0 && digit > 0 ? 10 : 1) + HAN_DIGITS.indexOf(c);
            }
        }
        return total + digit;
    }

    /** Core of the name | kind (J residents', C villagers', S street, D area, Z town, X township); nothing where it is not said. */
    static String placeName(String raw) {
        String s = Normalizer.normalize(raw, Normalizer.Form.NFKC);
        StringBuilder b = new StringBuilder();
        for (int i = 0; i < s.length(); ) {
            int c = s.codePointAt(i);
            i += Character.charCount(c);
            if (Character.isLetterOrDigit(c)) {
                b.appendCodePoint(Han.simplified(c));
            }
        }
        String t = b.toString();
        if (t.isEmpty()) {
            return "";
        }
        String kind = "";
        boolean told = false;
        for (String[] e : ENDINGS) {
            if (t.endsWith(e[0]) && t.length() > e[0].length()) {
                t = t.substring(0, t.length() - e[0].length());
                kind = e[1];
                told = true;
                break;
            }
        }
        if (t.endsWith("社区") && t.length() > 3) {
            t = t.substring(0, t.length() - 2);
            kind = kind.isEmpty() ? "J" : kind;
        } else if ((!told || kind.equals("C")) && t.endsWith("村") && t.length() > 2) {
            t = t.substring(0, t.length() - 1);
            kind = "C";
        } else if (!told && t.endsWith("村")) {
            kind = "C";
        } else if (!told || kind.equals("T")) {
            for (String[] e : TOWNS) {
                if (t.endsWith(e[0]) && t.length() > e[0].length() + 1) {
                    t = t.substring(0, t.length() - e[0].length());
                    kind = e[1];
                    break;
                }
            }
        }
        return t + "|" + kind;
    }

    /** Takes the names of the places above off the front of a name, as long as something is left. */
    static String withoutPlace(String name, String place) {
        if (place.isEmpty()) {
            return name;
        }
        String n = name;
        if (n.startsWith(place)) {
            n = n.substring(place.length());
        } else {
            String core = placeName(place);
            core = core.substring(0, core.indexOf('|'));
            if (core.length() >= 2 && n.startsWith(core)) {
                n = n.substring(core.length());
                for (String e : new String[] {"街道", "地区", "镇", "乡", "区", "县", "市"}) {
                    if (n.startsWith(e) && n.length() > e.length()) {
                        n = n.substring(e.length());
                        break;
                    }
                }
            }
        }
        for (String[] e : ENDINGS) {
            if (n.startsWith(e[0])) {
                return name;
            }
        }
        String left = placeName(n);
        int length = left.indexOf('|');
        boolean bare = length < 2
                || length == 2 && left.charAt(1) == '村'
                || left.startsWith("社区")
                || length < 4 && "路街桥城庄村里园".indexOf(left.charAt(0)) >= 0;
        return bare || !Han.isHan(left.codePointAt(0)) ? name : n;
    }

    /** Characters that tell neighbours apart: directions, sizes, numbers. */
    static boolean isMark(int c) {
        return MARKS.indexOf(c) >= 0;
    }

    /** How many marks the longer text adds to the shorter; -1 if the shorter is not what is left without them. */
    static int insertedMarks(Value s, int ls, Value t, int lt) {
        int i = 0;
        int marks = 0;
        for (int j = 0; j < lt; j++) {
            if (i < ls && s.cp[i] == t.cp[j]) {
                i++;
            } else if (isMark(t.cp[j])) {
                marks++;
            }
        }
        return i == ls ? marks : -1;
    }

    /** Whether the longer text is the shorter with a place in front, as a town's name before a community's. */
    static boolean isQualified(Value s, int ls, Value t, int lt) {
        int front = lt - ls;
        boolean plain = false;
        for (int i = 0; i < front; i++) {
            plain |= !isMark(t.cp[i]);
        }
        return front >= 2 && plain && Arrays.equals(s.cp, 0, ls, t.cp, front, lt);
    }

    static boolean startsWith(Value a, int la, Value b, int lb) {
        return la >= lb && lb >= 2 && Arrays.equals(a.cp, 0, lb, b.cp, 0, lb);
    }

    /** Hash of the characters whatever their order. */
    static long bag(Value v, int from, int to) {
        long sum = 0;
        for (int i = from; i < to; i++) {
            sum += Hash.mix(v.cp[i] + 0x9e3779b97f4a7c15L);
        }
        return Hash.mix(sum);
    }

    /** Hash of the reading; letters stand for themselves. */
    static long pinyin(Value v, int from, int to) {
        long h = 0;
        for (int i = from; i < to; i++) {
            int r = Han.reading(v.cp[i]);
            h = h * 0x100000001b3L + (r == 0 ? v.cp[i] + 1000 : r);
        }
        return Hash.mix(h + to - from);
    }

    /** American Soundex over Latin letters. */
    static long soundex(Value v) {
        long code = 0;
        int n = 0;
        int last = -1;
        for (int i = 0; i < v.length && n < 4; i++) {
            int c = v.cp[i];
            if (c < 'a' || c > 'z') {
                continue;
            }
            int d = "01230120022455012623010202".charAt(c - 'a') - '0';
            if (n == 0) {
                code = c;
                n = 1;
                last = d;
            } else if (c == 'h' || c == 'w') {
                continue;
            } else {
                if (d != 0 && d != last) {
                    code = code * 31 + d;
                    n++;
                }
                last = d;
            }
        }
        return n == 0 ? 0 : Hash.mix(code + 77);
    }

    /** Hash of the first letter and the consonants without repetition. */
    static long skeleton(Value v) {
        long h = v.cp[0];
        int last = v.cp[0];
        for (int i = 1; i < v.length; i++) {
            int c = v.cp[i];
            if (c != last && c != ' ' && "aeiouy".indexOf(c) < 0) {
                h = h * 0x100000001b3L + c;
                last = c;
            }
        }
        return Hash.mix(h);
    }
}
