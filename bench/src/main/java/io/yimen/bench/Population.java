package io.yimen.bench;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A made-up population of households, as three registers know it: residents (identity number almost always), the
 * grid of the communities (often), services (seldom, but with a phone). Families share address, surname and landline,
 * there are twins, namesakes and couples; one value in twenty is dirty. Nobody in it lives.
 */
public final class Population {
    private static final String[] COMMON = {
        "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "马", "罗", "梁", "宋",
        "郑", "谢", "韩", "唐", "冯", "于", "董", "萧", "程", "曹", "袁", "邓", "许", "傅", "沈", "曾", "彭", "吕"
    };
    private static final double[] SHARE = {
        7.2, 7.1, 6.8, 5.4, 4.5, 3.1, 2.3, 2.2, 2.1, 2.0, 1.6, 1.5, 1.3, 1.25, 1.2, 1.1, 1.0, 1.0, 0.9, 0.85, 0.8, 0.7,
        0.65, 0.65, 0.6, 0.6, 0.6, 0.6, 0.6, 0.55, 0.5, 0.5, 0.5, 0.5, 0.5, 0.48, 0.46, 0.45, 0.45, 0.44
    };
    private static final String GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红玲建国文辉力鹏云飞志浩宇轩子涵梓欣怡佳琪雨晨思雪梅兰竹菊春夏秋冬海江河山林森"
            + "峰岩石金银铜铁钢建新中东西南北永安康福寿喜庆祥瑞德仁义礼智信忠孝廉淑贞慧惠美艺凤龙虎彪豹鹤燕莺雁鸿鹏程万里长青松柏杨柳桃李杏"
            + "桐枫荣茂盛昌兴旺发达成功立业家宝珍珠玛琳琅瑶瑾瑜璇璐璟琦琛晓旭晖昊昕晴岚霏露霜冰清洁凌波涵润泽沛源渊博学谦恒毅坚卓越超凡俊逸帅彬斌";
    private static final String[] SOUNDS = {
        "伟玮维炜", "芳方", "静婧靖", "丽莉俪", "军君均钧", "洋阳扬", "勇永咏", "艳燕雁", "杰捷洁", "娟涓", "涛滔", "明鸣铭", "霞侠", "平萍", "刚钢", "桂贵", "玲铃",
        "英瑛", "华桦", "红虹宏洪鸿", "建健剑", "文雯", "辉晖", "慧惠", "志智", "宇雨", "欣新昕", "佳嘉家", "琪琦", "晨辰", "海", "江", "林琳", "峰锋", "金今",
        "国", "清青", "波博", "鹏", "晓小", "旭", "彬斌", "俊", "毅艺逸义"
    };
    private static final String[] LOOKS = {
        "己已", "未末", "侯候", "晴睛", "淮准", "杨扬", "玲铃", "琳林", "冶治", "栗粟", "微徽", "晓烧", "敏梅", "伟纬", "芸云", "今令"
    };
    private static final String TRADITIONAL =
            "张張 刘劉 陈陳 杨楊 赵趙 黄黃 吴吳 孙孫 马馬 罗羅 郑鄭 谢謝 韩韓 冯馮 许許 邓鄧 伟偉 丽麗 强強 军軍 艳豔 涛濤 红紅 兰蘭 国國 龙龍 凤鳳 庆慶 贞貞 荣榮 宝寶 业業 长長 东東 万萬 义義 礼禮 华華 云雲 飞飛 鹏鵬 冰冰";
    private static final String[] REGIONS = {
        "110101", "110102", "110105", "110106", "110107", "110108", "130102", "130602", "140105", "210102", "220104",
        "320102", "330106", "340104", "350102", "370102", "410105", "420106", "430102", "440106", "510104", "610113"
    };
    private static final String[] COLUMNS = {
        "key", "name", "sex", "birthDate", "idNumber", "phone", "address", "ethnicity"
    };

    private record Person(
            String name, String sex, LocalDate born, String id, String phone, int home, String ethnicity) {}

    private final SplittableRandom dice;
    private int people;
    private final List<String[]> homes = new ArrayList<>();
    private final List<String> rareSurnames = new ArrayList<>();
    private final List<String> compounds = new ArrayList<>();
    private final int[] sequence = new int[1];
    private final Sink sink;
    private int rows;

    /** Takes in a population, household after household. */
    public interface Sink {
        /**
         * @param register which of the three says it
         * @param person number of the person, from 1
         * @param values as {@link #column} numbers them
         */
        void row(int register, int person, String[] values);

        /**
         * The home of the people that follow.
         *
         * @param parts compound, building, unit, door
         */
        default void home(String[] parts) {}
    }

    private Population(long seed, Sink sink) {
        this.sink = sink;
        dice = new SplittableRandom(seed);
        Table divisions = IdentityBench.resource("beijing_divisions_2023.csv");
        for (String[] row : divisions.rows()) {
            String name = divisions.get(row, "name");
            if (name.endsWith("社区居委会") || name.endsWith("社区居民委员会")) {
                compounds.add(name.substring(0, name.lastIndexOf("社区居")));
            }
        }
        for (String[] row : IdentityBench.resource("chinese_surnames.txt").rows()) {
            if (!row[0].isEmpty() && row[0].codePointCount(0, row[0].length()) <= 2) {
                rareSurnames.add(row[0]);
            }
        }
    }

    /** Three tables of about {@code records} rows together; the key's first number names the person. */
    static List<Table> of(long seed, int records) {
        List<List<String[]>> registers = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        Population p =
                forEach(seed, records, (r, person, values) -> registers.get(r).add(values));
        List<Table> tables = new ArrayList<>();
        for (int r = 0; r < 3; r++) {
            List<String[]> rows = registers.get(r);
            // rows stand in no order that tells who is who
            for (int i = rows.size() - 1; i > 0; i--) {
                int j = p.dice.nextInt(i + 1);
                String[] t = rows.get(i);
                rows.set(i, rows.get(j));
                rows.set(j, t);
            }
            tables.add(new Table("register" + (r + 1), List.of(COLUMNS), rows));
        }
        return tables;
    }

    /** Makes up households until there are {@code records} rows or a few more. */
    public static Population forEach(long seed, int records, Sink sink) {
        Population p = new Population(seed, sink);
        while (p.rows < records) {
            p.household();
        }
        return p;
    }

    /** Place of a column. */
    public static int column(String name) {
        return List.of(COLUMNS).indexOf(name);
    }

    private boolean chance(double p) {
        return dice.nextDouble() < p;
    }

    private <T> T one(T[] of) {
        return of[dice.nextInt(of.length)];
    }

    private void household() {
        int home = homes.size();
        homes.add(new String[] {
            compounds.get(dice.nextInt(compounds.size())),
            Integer.toString(1 + dice.nextInt(30)),
            Integer.toString(1 + dice.nextInt(6)),
            (1 + dice.nextInt(22)) + "0" + (1 + dice.nextInt(4))
        });
        sink.home(homes.get(home));
        String landline = "010" + (60000000 + dice.nextInt(29999999));
        String father = surname();
        String mother = surname();
        int year = 1940 + dice.nextInt(55);
        List<Person> family = new ArrayList<>();
        family.add(person(father + given(), "1", day(year), home, landline));
        if (chance(0.7)) {
            family.add(person(mother + given(), "2", day(year + dice.nextInt(5) - 2), home, landline));
            int children = dice.nextInt(3);
            for (int c = 0; c < children; c++) {
                LocalDate born = day(Math.min(2018, year + 22 + dice.nextInt(15)));
                String line = chance(0.9) ? father : mother;
                String sex = chance(0.5) ? "1" : "2";
                String given = given();
                family.add(person(line + given, sex, born, home, landline));
                if (chance(0.02)) {
                    String twin = given.substring(0, given.length() - 1) + pick(GIVEN);
                    family.add(
                            person(line + twin, chance(0.6) ? sex : sex.equals("1") ? "2" : "1", born, home, landline));
                }
            }
            if (chance(0.15)) {
                family.add(person(father + given(), "1", day(year - 25), home, landline));
            }
        }
        for (Person p : family) {
            people++;
            int number = people;
            boolean somewhere = false;
            double[] held = {0.8, 0.7, 0.45};
            for (int r = 0; r < 3; r++) {
                if (chance(held[r])) {
                    somewhere = true;
                    row(r, number, p);
                    if (r > 0 && chance(0.01)) {
                        row(r, number, p);
                    }
                }
            }
            if (!somewhere) {
                row(0, number, p);
            }
        }
    }

    private void row(int register, int number, Person p) {
        double[] id = {0.99, 0.7, 0.35};
        double[] born = {1, 0.9, 0.75};
        double[] phone = {0.3, 0.85, 0.95};
        double[] address = {0.98, 0.97, 0.6};
        rows++;
        sink.row(register, number, new String[] {
            "p" + number + "-" + (register + 1) + "-" + sequence[0]++,
            name(p.name()),
            chance(0.95) ? dirty() ? "" : p.sex() : p.sex().equals("1") ? "男" : "女",
            chance(born[register]) ? birth(p.born()) : "",
            chance(id[register]) ? id(p.id()) : "",
            chance(phone[register]) ? phone(p.phone()) : "",
            chance(address[register]) ? address(homes.get(dirty() ? dice.nextInt(homes.size()) : p.home())) : "",
            chance(0.8) ? p.ethnicity() : ""
        });
    }

    private boolean dirty() {
        return chance(0.05);
    }

    private Person person(String name, String sex, LocalDate born, int home, String landline) {
        String region = chance(0.6) ? REGIONS[dice.nextInt(6)] : one(REGIONS);
        int order = dice.nextInt(500) * 2 + (sex.equals("1") ? 1 : 0);
        String body = region
                + String.format("%04d%02d%02d", born.getYear(), born.getMonthValue(), born.getDayOfMonth())
                + String.format("%03d", order);
        String phone = born.getYear() < 2008 && chance(0.9)
                ? "1" + (30 + dice.nextInt(69)) + String.format("%08d", dice.nextInt(100_000_000))
                : landline;
        return new Person(
                name,
                sex,
                born,
                body + check(body),
                phone,
                home,
                chance(0.93) ? "01" : String.format("%02d", 2 + dice.nextInt(20)));
    }

    private static char check(String body) {
        int[] w = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
        int sum = 0;
        for (int i = 0; i < 17; i++) {
            sum += (body.charAt(i) - '0') * w[i];
        }
        return "10X98765432".charAt(sum % 11);
    }

    private String surname() {
        double x = dice.nextDouble() * 100;
        for (int i = 0; i < COMMON.length; i++) {
            x -= SHARE[i];
            if (x < 0) {
                return COMMON[i];
            }
        }
        return rareSurnames.get(dice.nextInt(rareSurnames.size()));
    }

    private String given() {
        return chance(0.15) ? common() : common() + common();
    }

    /** Characters in front are more common. */
    private String common() {
        double x = dice.nextDouble();
        return String.valueOf(GIVEN.charAt((int) (x * x * GIVEN.length())));
    }

    private String pick(String from) {
        return String.valueOf(from.charAt(dice.nextInt(from.length())));
    }

    private LocalDate day(int year) {
        return chance(0.01)
                ? LocalDate.of(year, 1, 1)
                : LocalDate.of(year, 1, 1).plusDays(dice.nextInt(365));
    }

    private String name(String name) {
        if (!dirty()) {
            return name;
        }
        int at = dice.nextInt(name.length());
        String c = name.substring(at, at + 1);
        switch (dice.nextInt(6)) {
            case 0 -> {
                return swapIn(name, SOUNDS);
            }
            case 1 -> {
                return swapIn(name, LOOKS);
            }
            case 2 -> {
                StringBuilder b = new StringBuilder(name);
                for (String pair : TRADITIONAL.split(" ")) {
                    int i = b.indexOf(pair.substring(0, 1));
                    if (i >= 0) {
                        b.setCharAt(i, pair.charAt(1));
                    }
                }
                return b.toString();
            }
            case 3 -> {
                return name.charAt(0) + " " + name.substring(1);
            }
            case 4 -> {
                return name.length() > 2 && chance(0.3) ? name.substring(1) + name.charAt(0) : name + "（户主）";
            }
            default -> {
                return name.length() > 2
                        ? name.substring(0, at) + (at == 0 ? c : pick(GIVEN)) + name.substring(at + 1)
                        : name;
            }
        }
    }

    private String swapIn(String name, String[] groups) {
        for (int i = 1; i < name.length(); i++) {
            for (String g : groups) {
                if (g.indexOf(name.charAt(i)) >= 0) {
                    return name.substring(0, i) + pick(g) + name.substring(i + 1);
                }
            }
        }
        return name;
    }

    private String birth(LocalDate d) {
        String plain = String.format("%04d%02d%02d", d.getYear(), d.getMonthValue(), d.getDayOfMonth());
        if (!dirty()) {
            return chance(0.5) ? plain : d.toString();
        }
        return switch (dice.nextInt(5)) {
            case 0 ->
                d.getDayOfMonth() <= 12
                        ? String.format("%04d-%02d-%02d", d.getYear(), d.getDayOfMonth(), d.getMonthValue())
                        : "";
            case 1 -> d.minusDays(20 + dice.nextInt(30)).toString();
            case 2 -> d.getYear() + "-01-01";
            case 3 -> slip(plain, "0123456789");
            default -> "";
        };
    }

    private String slip(String s, String digits) {
        int at = dice.nextInt(s.length());
        if (at + 1 < s.length() && chance(0.4)) {
            return s.substring(0, at) + s.charAt(at + 1) + s.charAt(at) + s.substring(at + 2);
        }
        return s.substring(0, at) + pick(digits) + s.substring(at + 1);
    }

    private String id(String id) {
        if (!dirty()) {
            return chance(0.05) ? id.toLowerCase(java.util.Locale.ROOT) : id;
        }
        return switch (dice.nextInt(5)) {
            case 0, 1 -> slip(id, "0123456789");
            case 2 -> id.startsWith("19", 6) ? id.substring(0, 6) + id.substring(8, 17) : id;
            case 3 -> id.substring(0, 6) + " " + id.substring(6);
            default -> "";
        };
    }

    private String phone(String phone) {
        if (!dirty()) {
            return phone.startsWith("010")
                    ? phone.substring(0, 3) + "-" + phone.substring(3)
                    : chance(0.1) ? "+86 " + phone : phone;
        }
        return switch (dice.nextInt(4)) {
            case 0 -> slip(phone, "0123456789");
            case 1 -> "1" + (30 + dice.nextInt(69)) + String.format("%08d", dice.nextInt(100_000_000));
            case 2 -> phone.startsWith("010") ? phone.substring(3) + "转" + (1 + dice.nextInt(99)) : phone;
            default -> "";
        };
    }

    private String address(String[] home) {
        String compound = home[0];
        String tail = switch (dice.nextInt(5)) {
            case 0 -> home[1] + "号楼" + home[2] + "单元" + home[3] + "室";
            case 1 -> home[1] + "楼" + home[2] + "门" + home[3] + "号";
            case 2 -> home[1] + "-" + home[2] + "-" + home[3];
            case 3 -> home[1] + "栋" + home[2] + "单元" + home[3];
            default -> home[1] + "号楼" + home[3];
        };
        String front = chance(0.4) ? "北京市朝阳区" : chance(0.2) ? "朝阳区" : "";
        return front + compound + (chance(0.3) ? "小区" : "") + (dirty() ? "" : tail);
    }
}
