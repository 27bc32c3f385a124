package io.yimen.simulators;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Made-up personal names: surnames as frequent as they are (the hundred most frequent, in ten-thousandths, after the
 * published counts; the others share the rest), given names of one or two characters, now and then a rare one that
 * older character sets lack.
 */
final class Names {
    private static final String FREQUENT = "王725李719张683刘538陈453杨308黄223赵227吴205周212徐166孙154马129朱126胡131"
            + "郭115何117林118高121罗86郑85梁84谢72宋70唐69许66韩68邓62冯64曹60彭58曾56肖56田56董55潘50袁50蔡49蒋49余48于62"
            + "杜47叶48程46魏45苏46吕47丁43任42卢42姚41沈41钟40姜41崔40谭39陆39范39汪38廖37石37金36韦36贾35夏35付34方34邹33"
            + "熊33白33孟32秦32邱32侯31江31尹30薛30闫30段29雷29龙28黎28史28陶27贺27毛27郝27顾26龚26邵26万25覃25武25钱25戴24"
            + "严24莫24孔24向24常23";
    private static final String MALE = "伟强磊军勇杰涛明超建国志刚文斌辉峰波宁鹏飞浩宇海亮平东洪生新林春庆德福永成振华立业玉山" + "学义长江云龙世忠家兴连胜光荣景瑞";
    private static final String FEMALE = "芳娜敏静秀英丽燕霞娟玲萍红梅兰颖琳雪慧洁婷莉艳淑珍玉凤桂香春荣月晓倩欣佳怡小云爱文彩华" + "惠金素巧雅美琴翠";
    private static final String[] RARE = {"䶮", "𠮷", "㛃", "堃", "喆", "珺", "𬭎", "甡"};

    private final List<String> surnames = new ArrayList<>();
    private final int[] cumulative;

    Names() {
        List<Integer> weights = new ArrayList<>();
        int i = 0;
        while (i < FREQUENT.length()) {
            int digits = i + 1;
            while (digits < FREQUENT.length() && Character.isDigit(FREQUENT.charAt(digits))) {
                digits++;
            }
            surnames.add(FREQUENT.substring(i, i + 1));
            weights.add(Integer.parseInt(FREQUENT.substring(i + 1, digits)) * 100);
            i = digits;
        }
        int known = weights.stream().mapToInt(Integer::intValue).sum();
        List<String> others = new ArrayList<>();
        try (BufferedReader reader = Divisions.reader("chinese_surnames.txt")) {
            String line;
            while ((line = reader.readLine()) != null) {
                String surname = line.strip();
                if (!surname.isEmpty() && !surnames.contains(surname)) {
                    others.add(surname);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        int share = Math.max(1, (1_000_000 - known) / others.size());
        for (String other : others) {
            surnames.add(other);
            // Double surnames are rarer still.
            weights.add(other.length() > 1 ? Math.max(1, share / 8) : share);
        }
        cumulative = new int[weights.size()];
        int sum = 0;
        for (int k = 0; k < cumulative.length; k++) {
            sum += weights.get(k);
            cumulative[k] = sum;
        }
    }

    String next(SplittableRandom random, boolean male) {
        return named(random, surname(random), male);
    }

    /** A name of the family {@code surname}. */
    String named(SplittableRandom random, String surname, boolean male) {
        StringBuilder name = new StringBuilder(surname);
        String given = male ? MALE : FEMALE;
        if (random.nextInt(500) == 0) {
            name.append(RARE[random.nextInt(RARE.length)]);
        } else {
            name.append(given.charAt(random.nextInt(given.length())));
        }
        if (random.nextInt(100) < 78) {
            name.append(given.charAt(random.nextInt(given.length())));
        }
        return name.toString();
    }

    /** The surname that a name begins with. */
    String surnameOf(String name) {
        String two = name.length() > 2 ? name.substring(0, 2) : "";
        return surnames.contains(two) ? two : name.substring(0, name.offsetByCodePoints(0, 1));
    }

    private String surname(SplittableRandom random) {
        int at = random.nextInt(cumulative[cumulative.length - 1]) + 1;
        int found = java.util.Arrays.binarySearch(cumulative, at);
        return surnames.get(found >= 0 ? found : -found - 1);
    }
}
