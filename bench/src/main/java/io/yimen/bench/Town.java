package io.yimen.bench;

import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.DeletePolicy;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.claim.StreamShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** A street of 20 communities and the people who live there, as a register tells of them: made up from a seed. */
public final class Town {
    public static final int COMMUNITIES = 20;
    public static final StreamShape PLACES = new StreamShape(
            new StreamId("bench", "place"),
            "Place",
            List.of("name", "level", "code", "edition", "parent"),
            50,
            true,
            DeletePolicy.NONE);
    public static final StreamShape PERSONS = new StreamShape(
            new StreamId("bench", "person"),
            "Person",
            List.of("name", "idNumber", "phone", "place", "education"),
            50,
            true,
            DeletePolicy.NONE);

    private static final String GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红玲建国文辉力鹏云飞志浩宇轩子涵梓欣怡佳琪雨晨思雪梅兰竹菊";
    private static final String FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕";

    private final Random random;
    private long position;

    public Town(Random random) {
        this.random = random;
    }

    /** The street, then its communities. */
    public List<ChangeEvent> places() {
        var places = new ArrayList<ChangeEvent>();
        places.add(event(PLACES, "town", "街道", "town", "110101001000", "2023", ""));
        for (int i = 0; i < COMMUNITIES; i++) {
            places.add(
                    event(PLACES, "c" + i, "第" + i + "社区", "village", code(i), "2023", "place-code:2023|110101001000"));
        }
        return places;
    }

    /** Somebody, each time with another phone and education. */
    public ChangeEvent person(int number) {
        var names = new Random(number);
        String name = "" + FAMILY.charAt(names.nextInt(FAMILY.length())) + GIVEN.charAt(names.nextInt(GIVEN.length()))
                + GIVEN.charAt(names.nextInt(GIVEN.length()));
        String phone = String.format(Locale.ROOT, "138%08d", random.nextInt(100_000_000));
        return event(
                PERSONS,
                String.valueOf(number),
                name,
                idNumber(number),
                phone,
                "place-code:2023|" + code(number % COMMUNITIES),
                String.valueOf(1 + random.nextInt(9)) + "0");
    }

    private static String code(int community) {
        return String.format(Locale.ROOT, "110101001%03d", community + 1);
    }

    private static String idNumber(int number) {
        int year = 1930 + number % 80;
        String body = String.format(
                Locale.ROOT,
                "110101%04d%02d%02d%03d",
                year,
                1 + number / 80 % 12,
                1 + number / 960 % 28,
                number / 26_880 % 1000);
        int[] weights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
        int sum = 0;
        for (int i = 0; i < 17; i++) {
            sum += (body.charAt(i) - '0') * weights[i];
        }
        return body + "10X98765432".charAt(sum % 11);
    }

    private ChangeEvent event(StreamShape stream, String key, String... values) {
        return ChangeEvent.upserted(stream, key, Position.of(++position), values, List.of());
    }
}
