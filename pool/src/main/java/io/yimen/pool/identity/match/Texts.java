package io.yimen.pool.identity.match;

import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Normal forms in which values are compared. */
final class Texts {
    private static final int[] ID_WEIGHTS = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    private static final String ID_CHECK = "10X98765432";
    private static final String CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    private static final String MARKS = "东西南北中前后上下大小左右内外甲乙丙丁一二三四五六七八九十0123456789新老";
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

    /** Ends of the names of those that sit in a place and are called by it, but are neither place nor committee. */
    private static final List<String> INSTITUTIONS = List.of(
            "学校", "小学", "中学", "大学", "学院", "幼儿园", "托儿所", "医院", "卫生院", "卫生站", "门诊部", "诊所", "药店", "图书馆", "文化馆", "文化站",
            "博物馆", "体育馆", "派出所", "警务室", "检察院", "法院", "司法所", "税务所", "邮政所", "邮局", "银行", "支行", "储蓄所", "信用社", "合作社", "市场",
            "超市", "商场", "商店", "饭店", "宾馆", "酒店", "公司", "工厂", "研究所", "研究院", "设计院", "事务所", "养老院", "敬老院", "福利院", "驿站",
            "服务站", "中心", "协会", "商会", "基金会", "业主委员会", "业委会");

    private static final String[][] TOWNS = {{"街道", "S"}, {"地区", "D"}, {"镇", "Z"}, {"乡", "X"}};

    private Texts() {}

    /** The text itself where no compatibility form can be in it: ASCII and common Han, as nearly all is. */
    static String folded(String raw) {
        return isFolded(raw) ? raw : Normalizer.normalize(raw, Normalizer.Form.NFKC);
    }

    private static boolean isFolded(String s) {
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c > 126 && (c < 0x3400 || c > 0x9fff)) {
                return false;
            }
        }
        return true;
    }

    /** Full-width to half-width, compatibility forms folded, upper case, nothing but letters and digits. */
    static void compact(String raw, Value into) {
        String s = folded(raw);
        into.length = 0;
        for (int i = 0; i < s.length(); ) {
            int c = s.codePointAt(i);
            i += Character.charCount(c);
            if (Character.isLetterOrDigit(c)) {
                into.append(Character.toUpperCase(c));
            }
        }
    }

    /** Lower case, accents dropped, single blanks. */
    static void latin(String raw, Value into) {
        String s = isFolded(raw) ? raw : Normalizer.normalize(raw, Normalizer.Form.NFKD);
        into.length = 0;
        boolean gap = false;
        for (int i = 0; i < s.length(); ) {
            int c = s.codePointAt(i);
            i += Character.charCount(c);
            if (Character.isLetterOrDigit(c)) {
                if (gap && into.length > 0) {
                    into.append(' ');
                }
                gap = false;
                into.append(Character.toLowerCase(c));
            } else if (c != '\'' && Character.getType(c) != Character.NON_SPACING_MARK) {
                gap = true;
            }
        }
    }

    /** yyyymmdd where it can be told, else the digits. */
    static void date(String raw, Value into) {
        String s = folded(raw).strip();
        if (s.length() == 8 && digits(s, 0, 8) == 8) {
            into.set(s);
            return;
        }
        int month = digits(s, 5, 7);
        int day = digits(s, month + 1, month + 3);
        if (digits(s, 0, 4) == 4
                && isBetween(s, 4, '年')
                && month > 5
                && isBetween(s, month, '月')
                && day > month + 1
                && isTime(s, day < s.length() && s.charAt(day) == '日' ? day + 1 : day)) {
            into.length = 0;
            append(s, 0, 4, into);
            append(s, 5, month, into);
            append(s, month + 1, day, into);
        } else {
            compact(s, into);
        }
    }

    /** Where digits that begin here end, at most at {@code to}. */
    private static int digits(String s, int from, int to) {
        int i = from;
        while (i < to && i < s.length() && s.charAt(i) >= '0' && s.charAt(i) <= '9') {
            i++;
        }
        return i;
    }

    private static boolean isBetween(String s, int at, char unit) {
        char c = at < s.length() ? s.charAt(at) : 0;
        return c == unit || c == '/' || c == '.' || c == '-';
    }

    /** Whether nothing follows a date, or a time on the same line. */
    private static boolean isTime(String s, int at) {
        if (at >= s.length()) {
            return at == s.length();
        }
        if (s.charAt(at) != 'T' && s.charAt(at) != ' ') {
            return false;
        }
        for (int i = at; i < s.length(); i++) {
            if ("\n\r\u0085\u2028\u2029".indexOf(s.charAt(i)) >= 0) {
                return false;
            }
        }
        return true;
    }

    /** Month or day with two digits; the year has four. */
    private static void append(String s, int from, int to, Value into) {
        if (to - from == 1) {
            into.append('0');
        }
        for (int i = from; i < to; i++) {
            into.append(s.charAt(i));
        }
    }

    /** Simplified characters without blanks and dots; letters in lower case; a remark in brackets is dropped. */
    static void hanName(String raw, Value into) {
        String s = folded(raw);
        into.length = 0;
        int depth = 0;
        for (int i = 0; i < s.length(); ) {
            int c = s.codePointAt(i);
            i += Character.charCount(c);
            if (c == '(' || c == '[') {
                depth++;
            } else if (c == ')' || c == ']') {
                depth = Math.max(0, depth - 1);
            } else if (depth == 0 && Character.isLetter(c)) {
                into.append(Character.toLowerCase(Han.simplified(c)));
            }
        }
    }

    /** 18 characters where 15 were given; as it is where it is neither. */
    static void idNumber(String raw, Value into) {
        compact(raw, into);
        if (into.length != 15) {
            return;
        }
        for (int i = 0; i < 15; i++) {
            if (into.cp[i] < '0' || into.cp[i] > '9') {
                return;
            }
        }
        System.arraycopy(into.cp, 6, into.cp, 8, 9);
        into.cp[6] = '1';
        into.cp[7] = '9';
        int sum = 0;
        for (int i = 0; i < 17; i++) {
            sum += (into.cp[i] - '0') * ID_WEIGHTS[i];
        }
        into.length = 17;
        into.append(ID_CHECK.charAt(sum % 11));
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
    static void phone(String raw, Value into) {
        String s = folded(raw).toLowerCase(Locale.ROOT);
        into.length = 0;
        int line = -1;
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c >= '0' && c <= '9') {
                into.append(c);
            } else if (c == '转' || c == '#' || c == 'x' || c == '*' || c == '-' && isLine(into, line)) {
                if (line < 0 && into.length > 0) {
                    line = into.length;
                    into.append('#');
                }
            } else if ((c == '、' || c == ',' || c == ';' || c == '/') && (line < 0 ? into.length : line) >= 7) {
                break;
            }
        }
        int end = line < 0 ? into.length : line;
        int from = 0;
        if (into.is(0, end, "0086")) {
            from = 4;
        } else if (into.is(0, end, "86") && end >= 12) {
            from = 2;
        }
        if (end - from == 12 && into.is(from, end, "01") && into.cp[from + 2] != '0') {
            from++;
        }
        if (end - from == 11 && into.is(from, end, "010") || end - from == 10 && into.is(from, end, "10")) {
            from = end - 8;
        }
        if (into.length == end + 1 || end - from == 11 && into.cp[from] == '1') {
            into.length = end;
        }
        into.drop(from);
    }

    /** Whether the digits so far are a whole number, so that a dash begins its extension. */
    private static boolean isLine(Value digits, int line) {
        int n = line < 0 ? digits.length : line;
        int first = n == 0 ? ' ' : digits.cp[0];
        return first == '0' ? n >= 10 : first == '1' ? n == 11 : n == 7 || n == 8;
    }

    /** Core of the name | kind (J residents', C villagers', S street, D area, Z town, X township); nothing where it is not said. */
    static String placeName(String raw) {
        String s = folded(raw);
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

    /** Whether a name is that of a school, a library or the like, which is not the place that it is called by. */
    static boolean isInstitution(Value v, int length) {
        for (String ending : INSTITUTIONS) {
            int at = length - ending.length();
            boolean ends = at > 0;
            for (int i = 0; ends && i < ending.length(); i++) {
                ends = v.cp[at + i] == ending.charAt(i);
            }
            if (ends) {
                return true;
            }
        }
        return false;
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

    /** Hash of the readings whatever their order. */
    static long pinyinBag(Value v, int from, int to) {
        long sum = 0;
        for (int i = from; i < to; i++) {
            sum += pinyin(v, i, i + 1);
        }
        return Hash.mix(sum);
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
