package io.yimen.pool.identity.match;

import java.util.Locale;

/** Chinese addresses in comparable form, in one walk over the code points: compound or road | building | unit | door. */
final class HanAddresses {
    private static final String HAN_DIGITS = "〇一二三四五六七八九";
    /** What a number in Han digits stands before; 单元 apart. */
    private static final String NUMBERED = "号栋幢座门室层楼区";

    private final Value v;
    /** Where what is left of the text begins and ends. */
    private int from;

    private int to;
    /** Beginnings and ends of building, unit and door. */
    private final int[] part = new int[6];

    private HanAddresses(Value v) {
        this.v = v;
    }

    static void prepare(String raw, Value into) {
        HanAddresses address = new HanAddresses(into);
        address.read(Texts.folded(raw).toUpperCase(Locale.ROOT));
        address.dropDivisions();
        if (!address.isDashed()) {
            address.cut();
        }
        address.join();
    }

    /** Letters, digits and dashes, simplified; numbers that are told in Han digits as decimals. */
    private void read(String s) {
        v.length = 0;
        int run = -1;
        int unit = -1;
        for (int i = 0; i < s.length(); ) {
            int c = s.codePointAt(i);
            i += Character.charCount(c);
            if (Character.isLetterOrDigit(c)) {
                c = Han.simplified(c);
            } else if (c == '-' || c == '—' || c == '–') {
                c = '-';
            } else {
                continue;
            }
            if (isHanDigit(c)) {
                run = run < 0 ? v.length : run;
                unit = -1;
            } else if (run >= 0 && NUMBERED.indexOf(c) >= 0) {
                decimal(run, v.length);
                run = -1;
            } else if (unit >= 0 && c == '元') {
                decimal(unit, v.length - 1);
                v.append('单');
                unit = -1;
            } else {
                unit = run >= 0 && c == '单' ? run : -1;
                run = -1;
            }
            v.append(c);
        }
        to = v.length;
    }

    private static boolean isHanDigit(int c) {
        return c == '十' || c == '百' || HAN_DIGITS.indexOf(c) >= 0;
    }

    /** Puts the decimal form of the Han digits in place of them and of whatever follows. */
    private void decimal(int start, int end) {
        int total = 0;
        int digit = 0;
        for (int i = start; i < end; i++) {
            int c = v.cp[i];
            if (c == '十' || c == '百') {
                total += (digit == 0 ? 1 : digit) * (c == '十' ? 10 : 100);
                digit = 0;
            } else {
                digit = digit * (total == 0 && digit > 0 ? 10 : 1) + HAN_DIGITS.indexOf(c);
            }
        }
        v.length = start;
        String number = Integer.toString(total + digit);
        for (int i = 0; i < number.length(); i++) {
            v.append(number.charAt(i));
        }
    }

    /** Province, city, district and town in front, as long as something in Han is left. */
    private void dropDivisions() {
        int p = is(0, '中', '国') ? 2 : 0;
        p = division(p, 2, 6, '省');
        p = division(p, 2, 4, '市');
        p = division(p, 1, 4, '区');
        p = division(p, 2, 6, '街');
        for (int i = p; p > 0 && i < to; i++) {
            if (Han.isHan(v.cp[i])) {
                from = p;
                return;
            }
        }
    }

    /** Where the nearest division of a kind ends that begins here; here if there is none. */
    private int division(int start, int least, int most, int kind) {
        for (int i = start; i < start + most && i < to && isHanScript(v.cp[i]); i++) {
            int end = i + 1 - start < least ? -1 : ending(i + 1, kind);
            if (end >= 0) {
                return end;
            }
        }
        return start;
    }

    private int ending(int at, int kind) {
        int c = at < to ? v.cp[at] : 0;
        return switch (kind) {
            case '省' -> c == '省' ? at + 1 : is(at, '自', '治') && at + 2 < to && v.cp[at + 2] == '区' ? at + 3 : -1;
            case '市' -> c == '市' ? at + 1 : -1;
            case '区' -> (c == '区' || c == '县') && (at + 1 >= to || !isDigit(v.cp[at + 1])) ? at + 1 : -1;
            default -> {
                int end = is(at, '街', '道') || is(at, '地', '区') ? at + 2 : c == '镇' || c == '乡' ? at + 1 : -1;
                yield end >= 0 && is(end, '办', '事') && end + 2 < to && v.cp[end + 2] == '处' ? end + 3 : end;
            }
        };
    }

    private static boolean isHanScript(int c) {
        return c >= 0x4e00 && c <= 0x9fff || Character.UnicodeScript.of(c) == Character.UnicodeScript.HAN;
    }

    /** Building-unit-door or building-door at the end, after something else. */
    private boolean isDashed() {
        int start = to;
        while (start > from && (isDigit(v.cp[start - 1]) || v.cp[start - 1] == '-')) {
            start--;
        }
        int first = digits(start);
        int second = digits(first + 1);
        if (start == from || first == start || first >= to || second == first + 1) {
            return false;
        }
        int third = second;
        if (second < to) {
            third = digits(second + 1);
            if (third == second + 1 || third < to) {
                return false;
            }
            set(1, first + 1, second);
        }
        set(0, start, first);
        set(2, third == second ? first + 1 : second + 1, third);
        to = start;
        return true;
    }

    /** End of the digits that begin here. */
    private int digits(int start) {
        int i = start;
        while (i < to && isDigit(v.cp[i])) {
            i++;
        }
        return i;
    }

    /** Numbers before 单元 or 门, before 号楼 and the like, and at the end. */
    private void cut() {
        int cut = to;
        int building = -1;
        boolean hasBuilding = false;
        for (int i = from; i < to; ) {
            int end = i;
            while (end < to && isNumber(v.cp[end])) {
                end++;
            }
            if (end > i && cut == to && isUnit(end)) {
                set(1, i, end);
                cut = i;
            }
            hasBuilding |= end > i && isBuilding(end);
            i = Math.max(end, i + 1);
        }
        cut = door(cut, hasBuilding);
        for (int i = from; i <= cut && i < to; ) {
            int end = i;
            while (end < to && isNumber(v.cp[end])) {
                end++;
            }
            if (end > i && i > from && isBuilding(end)) {
                building = i;
                set(0, i, end);
                break;
            }
            i = Math.max(end, i + 1);
        }
        to = building >= 0 ? building : cut;
    }

    private int door(int cut, boolean hasBuilding) {
        int end = to;
        boolean isRoom = end > from && v.cp[end - 1] == '室';
        if (end > from && (isRoom || v.cp[end - 1] == '户' || v.cp[end - 1] == '号')) {
            end--;
        }
        int letter = end > from && v.cp[end - 1] >= 'A' && v.cp[end - 1] <= 'Z' ? end - 1 : end;
        int start = letter;
        while (start > from && isDigit(v.cp[start - 1])) {
            start--;
        }
        if (start == letter || start == from || !(cut < to || hasBuilding || isRoom)) {
            return cut;
        }
        set(2, start, end);
        return Math.min(cut, start);
    }

    private boolean isUnit(int at) {
        return is(at, '单', '元') || at < to && v.cp[at] == '门';
    }

    private boolean isBuilding(int at) {
        return is(at, '号', '楼') || at < to && "栋幢座楼".indexOf(v.cp[at]) >= 0;
    }

    private static boolean isNumber(int c) {
        return isDigit(c) || c >= 'A' && c <= 'Z' || c >= '丁' && "甲乙丙丁".indexOf(c) >= 0;
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private boolean is(int at, int first, int second) {
        return at + 1 < to && v.cp[at] == first && v.cp[at + 1] == second;
    }

    private void set(int which, int start, int end) {
        part[2 * which] = start;
        part[2 * which + 1] = end;
    }

    /** Writes the parts behind the text, then takes the text away. */
    private void join() {
        int start = v.length;
        for (int i = from; i < to; i++) {
            if (v.cp[i] != '-') {
                v.append(v.cp[i]);
            }
        }
        int length = v.length - start;
        if ((length > 3 || length == 3 && v.cp[start] > 0xffff)
                && v.cp[v.length - 2] == '小'
                && v.cp[v.length - 1] == '区') {
            v.length -= 2;
        }
        if (v.length == start && part[5] == part[4]) {
            v.length = 0;
            return;
        }
        for (int p = 0; p < part.length; p += 2) {
            v.append('|');
            int at = part[p];
            while (at + 1 < part[p + 1] && v.cp[at] == '0') {
                at++;
            }
            for (; at < part[p + 1]; at++) {
                v.append(v.cp[at]);
            }
        }
        v.drop(start);
    }
}
