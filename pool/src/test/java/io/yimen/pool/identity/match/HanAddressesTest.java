package io.yimen.pool.identity.match;

import static org.assertj.core.api.Assertions.assertThat;

import java.text.Normalizer;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The walk over the code points says what these expressions say. */
class HanAddressesTest {
    private static final String HAN_DIGITS = "〇一二三四五六七八九";
    private static final Pattern NUMBERED = Pattern.compile("([〇一二三四五六七八九十百]+)(?=号|栋|幢|座|单元|门|室|层|楼|区)");
    private static final Pattern PREFIX =
            Pattern.compile("^(?:中国)?(?:[\\p{IsHan}]{2,6}?(?:省|自治区))?(?:北京市|天津市|上海市|重庆市|[\\p{IsHan}]{2,4}?市)?"
                    + "(?:[\\p{IsHan}]{1,4}?(?:区|县)(?!\\d))?(?:[\\p{IsHan}]{2,6}?(?:街道|地区|镇|乡)(?:办事处)?)?");
    private static final Pattern BUILDING = Pattern.compile("([0-9A-Z甲乙丙丁]+)(?:号楼|栋|幢|座|楼)");
    private static final Pattern UNIT = Pattern.compile("([0-9A-Z甲乙丙丁]+)(?:单元|门)");
    private static final Pattern DOOR = Pattern.compile("([0-9]+[A-Z]?)(?:室|户|号)?$");
    private static final Pattern DASHED = Pattern.compile("^(.*?[^0-9\\-])([0-9]+)-(?:([0-9]+)-)?([0-9]+)$");

    private static final String[] FRONTS = {
        "", "", "北京市朝阳区", "朝阳区", "东城区建外街道", "河北省石家庄市长安区", "内蒙古自治区包头市", "中国天津市", "建外街道办事处", "怀柔镇", "东区12"
    };
    private static final String[] NAMES = {"三里屯", "永安里小区", "建国路88号", "二十一世纪园", "小区", "𠮷小区", "Ａ区", "十号院", "幸福北里", "新華社區"
    };
    private static final String[] TAILS = {
        "%d号楼%d单元%d室",
        "%d楼%d门%d号",
        "%d-%d-%d",
        "%d—%d",
        "%d栋%d单元%dA",
        "甲%d号楼%d",
        "三号楼二单元二百零一室",
        "十二棟%d",
        "%d座%d户",
        "%d單元0%d",
        "%d",
        "乙座%d门",
        "-%d",
        "%d--%d",
        "B%d号楼%d门%d"
    };
    private static final String PIECES = "市区县镇乡路里园院号楼栋单元门室户层小甲丁十二百-－ Aa０12";

    @Test
    void saysWhatTheExpressionsSay() {
        SplittableRandom dice = new SplittableRandom(7);
        Value value = new Value();
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder(FRONTS[dice.nextInt(FRONTS.length)]);
            text.append(NAMES[dice.nextInt(NAMES.length)]);
            text.append(String.format(
                    TAILS[dice.nextInt(TAILS.length)], dice.nextInt(31), dice.nextInt(7), dice.nextInt(2300)));
            for (int slips = dice.nextInt(4); slips > 0; slips--) {
                int piece = dice.nextInt(PIECES.length());
                text.insert(
                        text.offsetByCodePoints(0, dice.nextInt(text.codePointCount(0, text.length()))),
                        PIECES.charAt(piece));
            }
            HanAddresses.prepare(text.toString(), value);
            assertThat(value.text()).as(text.toString()).isEqualTo(address(text.toString()));
        }
    }

    private static String address(String raw) {
        String s = Normalizer.normalize(raw, Normalizer.Form.NFKC).toUpperCase(Locale.ROOT);
        StringBuilder letters = new StringBuilder();
        s.codePoints().forEach(c -> {
            if (Character.isLetterOrDigit(c)) {
                letters.appendCodePoint(Han.simplified(c));
            } else if (c == '-' || c == '—' || c == '–') {
                letters.append('-');
            }
        });
        String t = NUMBERED.matcher(letters).replaceAll(m -> Integer.toString(number(m.group(1))));
        Matcher prefix = PREFIX.matcher(t);
        if (prefix.find() && t.substring(prefix.end()).codePoints().anyMatch(Han::isHan)) {
            t = t.substring(prefix.end());
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
            int cut = t.length();
            Matcher m = UNIT.matcher(t);
            if (m.find()) {
                unit = m.group(1);
                cut = m.start();
            }
            Matcher d = DOOR.matcher(t);
            boolean isDoor = cut < t.length() || BUILDING.matcher(t).find() || t.endsWith("室");
            if (d.find() && d.start() > 0 && isDoor) {
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
        t = t.endsWith("小区") && t.length() > 3 ? t.substring(0, t.length() - 2) : t;
        return t.isEmpty() && door.isEmpty() ? "" : t + "|" + plain(building) + "|" + plain(unit) + "|" + plain(door);
    }

    private static String plain(String number) {
        return number.replaceFirst("^0+(?=.)", "");
    }

    private static int number(String han) {
        int total = 0;
        int digit = 0;
        for (char c : han.toCharArray()) {
            if (c == '十' || c == '百') {
                total += Math.max(1, digit) * (c == '十' ? 10 : 100);
                digit = 0;
            } else {
                digit = digit * (total == 0 && digit > 0 ? 10 : 1) + HAN_DIGITS.indexOf(c);
            }
        }
        return total + digit;
    }
}
