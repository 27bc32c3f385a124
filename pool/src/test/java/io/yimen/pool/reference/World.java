package io.yimen.pool.reference;

import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.Flag;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.StreamShape;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one history is about: a few people, organisations or places that are easily taken for one another, and what
 * systems say about them. Nothing of it occurs in another world of the same {@link Words}.
 */
final class World {
    /** What a world is full of. */
    enum Kind {
        PEOPLE,
        ORGANIZATIONS,
        PLACES
    }

    /** Characters of one reading stand together; names take two readings. */
    private static final String[] READINGS = {
        "伟维卫", "丽莉立", "军君钧", "红宏洪", "芳方坊", "明鸣铭", "华桦骅", "平萍坪", "勇永咏", "英瑛莺", "静竞境", "强墙蔷", "磊垒蕾", "洋阳扬", "艳燕彦", "杰洁捷",
        "娟捐涓", "涛韬滔", "超抄钞", "秀绣锈", "霞瑕遐", "刚钢岗", "桂贵柜", "香湘乡", "飞菲非", "玲灵铃", "斌宾彬", "宇雨羽", "浩昊皓", "凯铠慨", "佳家嘉", "婷亭庭",
        "鑫欣新", "博伯勃", "晨辰臣", "梅玫煤", "兰蓝岚", "凤奉俸", "珍真贞", "荣容蓉", "云芸耘", "莲连廉", "春椿纯", "菊局桔", "建健剑", "国帼虢", "志智治", "敏闽悯",
        "丹单郸", "峰锋枫", "龙隆笼", "鹏朋棚", "慧惠会", "巧桥侨", "琴勤芹", "素诉塑", "雪鳕雪", "松嵩淞", "海亥害", "波播玻"
    };

    private static final String SURNAMES = "王汪李张章杨";
    private static final String PLACES = "永安建德和平团结朝晖翠微花园子湾望京崇文宣武丰台石景广渠龙潭金融月坛展览德胜椿树牛街陶然亭白纸坊天桥栅栏";
    private static final String[] SUFFIXES = {"社区居委会", "社区居民委员会", "居委会", "社区", ""};
    private static final String MARKS = "东西南北";
    private static final int[] ID_WEIGHTS = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    private static final String CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY";

    /** What is given away once only, so that worlds do not meet. */
    static final class Words {
        private final Set<String> taken = new HashSet<>();
        private final Random random;

        Words(Random random) {
            this.random = random;
        }

        private interface Draw {
            /** @return the word, and what must not occur elsewhere for it not to */
            String[] one();
        }

        private String fresh(Draw draw) {
            while (true) {
                String[] drawn = draw.one();
                boolean free = true;
                for (int i = 1; i < drawn.length; i++) {
                    free &= !taken.contains(drawn[i]);
                }
                if (free) {
                    taken.addAll(List.of(drawn).subList(1, drawn.length));
                    return drawn[0];
                }
            }
        }

        private String given() {
            return fresh(() -> {
                int a = random.nextInt(READINGS.length);
                int b = random.nextInt(READINGS.length);
                String sound = "given " + Math.min(a, b) + " " + Math.max(a, b);
                return new String[] {"" + READINGS[a].charAt(0) + READINGS[b].charAt(0), sound};
            });
        }

        private String day() {
            return fresh(() -> {
                String day = "%d%02d%02d"
                        .formatted(1940 + random.nextInt(70), 1 + random.nextInt(12), 1 + random.nextInt(28));
                return new String[] {day, "day " + day};
            });
        }

        private String digits(String kind, String start, int more) {
            return fresh(() -> {
                StringBuilder text = new StringBuilder(start);
                for (int i = 0; i < more; i++) {
                    text.append(random.nextInt(10));
                }
                return new String[] {text.toString(), kind + " " + text};
            });
        }

        private String place() {
            return fresh(() -> {
                String text = "";
                while (text.length() < 3) {
                    char c = PLACES.charAt(random.nextInt(PLACES.length()));
                    text += text.indexOf(c) < 0 ? c : "";
                }
                return new String[] {text, "start " + text.substring(0, 2), "end " + text.substring(1)};
            });
        }
    }

    private final int number;
    private final Kind kind;
    private final Random random;
    private final Words words;
    private final List<Map<String, String>> things = new ArrayList<>();
    private final Map<String, Integer> aboutWhat = new HashMap<>();
    private final List<ChangeEvent> told = new ArrayList<>();
    private final List<StreamShape> streams = new ArrayList<>();
    private final String town;
    private final List<String> codes = new ArrayList<>();
    private final int keys;

    /** @param keys records of each stream, at most */
    World(int number, long seed, Words words, int keys) {
        this.number = number;
        this.random = new Random(seed);
        this.words = words;
        this.kind = Kind.values()[random.nextInt(3)];
        this.keys = keys;
        this.town = words.place() + "街道";
        for (int i = 0; i < 2; i++) {
            codes.add(words.digits("code", "1101", 8));
        }
        int count = 2 + random.nextInt(Math.max(2, keys));
        for (int i = 0; i < count; i++) {
            things.add(
                    switch (kind) {
                        case PEOPLE -> person();
                        case ORGANIZATIONS -> organization();
                        case PLACES -> place();
                    });
        }
        streams.addAll(
                switch (kind) {
                    case PEOPLE -> Shapes.of("Person");
                    case ORGANIZATIONS -> Shapes.of("Organization");
                    case PLACES -> Shapes.of("Place");
                });
        if (kind == Kind.PEOPLE) {
            streams.add(Shapes.MEMBERSHIP);
        }
        if (kind != Kind.PLACES) {
            streams.add(Shapes.PLACE_A);
        }
    }

    /** Start of all keys of a world. */
    static String prefix(int number) {
        return "h%04d-".formatted(number);
    }

    static int numberOf(String key) {
        return Integer.parseInt(key.substring(1, 5));
    }

    /** What is said next; positions of a record grow with {@code position}. */
    ChangeEvent next(long position) {
        int what = random.nextInt(100);
        if (what < 6 && !told.isEmpty()) {
            return told.get(random.nextInt(told.size()));
        }
        StreamShape stream = streams.get(random.nextInt(streams.size()));
        String key = prefix(number) + random.nextInt(keys);
        if (what < 16) {
            return keep(ChangeEvent.deleted(stream, key, Position.of(position)));
        }
        int usual = aboutWhat.computeIfAbsent(stream.id() + key, k -> random.nextInt(things.size()));
        int about = random.nextInt(12) == 0 ? random.nextInt(things.size()) : usual;
        @Nullable String[] values = new String[stream.fields().size()];
        for (int i = 0; i < values.length; i++) {
            int how = random.nextInt(14);
            String field = stream.fields().get(i);
            values[i] = how == 0 ? null : how == 1 ? "" : value(stream.entityType(), field, things.get(about));
        }
        List<Flag> flags = random.nextInt(12) == 0
                ? List.of(new Flag(stream.fields().get(random.nextInt(values.length)), "check-digit"))
                : List.of();
        Instant at = random.nextInt(4) == 0 ? Instant.ofEpochSecond(1_700_000_000L + random.nextInt(3)) : null;
        return keep(ChangeEvent.upserted(stream, key, Position.of(position), values, flags, at));
    }

    private ChangeEvent keep(ChangeEvent event) {
        told.add(event);
        return event;
    }

    private String value(String type, String field, Map<String, String> thing) {
        String plain = thing.getOrDefault(field, "");
        switch (field) {
            case "place", "parent":
                return random.nextInt(3) == 0
                        ? "record:a/place/" + prefix(number) + random.nextInt(keys)
                        : "place-code:2023|" + one(codes);
            case "person":
                return random.nextInt(3) == 0
                        ? "id-number:" + one(things).getOrDefault("idNumber", "")
                        : "record:a/person/" + prefix(number) + random.nextInt(keys);
            case "post":
                return random.nextBoolean() ? "CHAIR" : "MEMBER";
            case "from":
                return "202" + random.nextInt(3) + "-01-01";
            case "level":
                return random.nextInt(12) == 0 ? "town" : "village";
            case "kind":
                return "JWH";
            case "edition":
                return random.nextBoolean() ? "2016" : "2023";
            case "county":
                return "东城区";
            case "town":
                return town;
            case "status":
                return random.nextInt(3) == 0 ? "CANCELLED" : "ACTIVE";
            case "code":
                return plain.isEmpty() ? one(codes) : plain;
            case "name":
                return type.equals("Person") ? spelled(plain) : named(type, plain);
            default:
                return written(field, plain);
        }
    }

    /** As people and clerks write it: mostly right. */
    private String written(String field, String right) {
        if (right.isEmpty() || random.nextInt(4) > 0) {
            return right;
        }
        switch (field) {
            case "idNumber":
                return switch (random.nextInt(4)) {
                    case 0 -> right.charAt(6) == '1' ? right.substring(0, 6) + right.substring(8, 17) : right;
                    case 1 -> turned(right, 12 + random.nextInt(4));
                    case 2 -> slip(right, 6 + random.nextInt(11));
                    default -> "";
                };
            case "birthDate":
                return random.nextBoolean() && right.substring(8).compareTo("13") < 0
                        ? right.substring(0, 5) + right.substring(8) + "-" + right.substring(5, 7)
                        : right.substring(0, 9) + (right.charAt(9) == '1' ? '2' : '1');
            case "phone":
                return random.nextBoolean()
                        ? slip(right, right.length() - 1 - random.nextInt(4))
                        : right.substring(0, 3) + "-" + right.substring(3);
            case "address":
                return random.nextBoolean() ? right.substring(0, right.indexOf("里") + 1) : right.replace("101", "102");
            case "sex":
                return right.equals("1") ? "2" : "1";
            case "creditCode":
                return random.nextBoolean() ? slip(right, 8 + random.nextInt(8)) : "";
            default:
                return right;
        }
    }

    private String spelled(String name) {
        switch (random.nextInt(9)) {
            case 0:
                return name.substring(1) + name.charAt(0);
            case 1, 2:
                String alike = other(name.charAt(2));
                return name.substring(0, 2) + alike;
            case 3:
                return name.substring(0, 2);
            default:
                return name;
        }
    }

    private String other(char c) {
        for (String same : READINGS) {
            if (same.indexOf(c) >= 0) {
                return String.valueOf(same.charAt(1 + random.nextInt(2)));
            }
        }
        return String.valueOf(c);
    }

    private String named(String type, String core) {
        String start = random.nextInt(6) == 0 ? town : "";
        return type.equals("Place") && random.nextBoolean()
                ? core + "社区"
                : start + core + SUFFIXES[random.nextInt(SUFFIXES.length)];
    }

    private static String turned(String text, int at) {
        return text.substring(0, at) + text.charAt(at + 1) + text.charAt(at) + text.substring(at + 2);
    }

    private String slip(String text, int at) {
        char other = (char) ('0' + random.nextInt(10));
        return text.substring(0, at) + other + text.substring(at + 1);
    }

    // What there is

    private Map<String, String> person() {
        Map<String, String> person = new HashMap<>();
        Map<String, String> kin = things.isEmpty() ? Map.of() : one(things);
        int how = things.isEmpty() ? 3 : random.nextInt(5);
        boolean household = how == 0 || how == 1;
        String day = how == 0 ? kin.getOrDefault("birthDate", "").replace("-", "") : words.day();
        String name = "" + SURNAMES.charAt(random.nextInt(SURNAMES.length())) + words.given();
        if (how == 0) {
            // a twin: one character is another
            name = kin.getOrDefault("name", "").substring(0, 2) + name.charAt(2);
        } else if (how == 2) {
            name = kin.getOrDefault("name", "");
        }
        person.put("name", name);
        person.put("birthDate", day.substring(0, 4) + "-" + day.substring(4, 6) + "-" + day.substring(6));
        String seventeen = words.digits("id", "110101" + day, 3);
        int sum = 0;
        for (int i = 0; i < 17; i++) {
            sum += (seventeen.charAt(i) - '0') * ID_WEIGHTS[i];
        }
        person.put("idNumber", seventeen + "10X98765432".charAt(sum % 11));
        person.put("sex", (seventeen.charAt(16) - '0') % 2 == 1 ? "1" : "2");
        person.put("ethnicity", random.nextInt(4) == 0 ? "03" : "01");
        person.put("phone", household ? kin.getOrDefault("phone", "") : words.digits("phone", "139", 8));
        person.put("address", household ? kin.getOrDefault("address", "") : words.place() + "里3号楼2单元101室");
        return person;
    }

    private Map<String, String> organization() {
        Map<String, String> organization = new HashMap<>();
        Map<String, String> other = things.isEmpty() ? Map.of() : one(things);
        int how = things.isEmpty() ? 3 : random.nextInt(5);
        String name = how == 0
                ? other.getOrDefault("name", "") + MARKS.charAt(random.nextInt(4))
                : how == 1 ? other.getOrDefault("name", "") : words.place();
        organization.put("name", name);
        String code = words.digits("credit", "5511", 13);
        int sum = 0;
        int weight = 1;
        for (int i = 0; i < 17; i++) {
            sum += (code.charAt(i) - '0') * weight;
            weight = weight * 3 % 31;
        }
        organization.put(
                "creditCode",
                how == 4 ? other.getOrDefault("creditCode", "") : code + CREDIT.charAt((31 - sum % 31) % 31));
        organization.put("divisionCode", one(codes));
        organization.put("legalPerson", "" + SURNAMES.charAt(random.nextInt(SURNAMES.length())) + words.given());
        organization.put("phone", how == 2 ? other.getOrDefault("phone", "") : words.digits("phone", "6", 7));
        organization.put("address", name + "里3号楼");
        return organization;
    }

    private Map<String, String> place() {
        Map<String, String> place = new HashMap<>();
        Map<String, String> other = things.isEmpty() ? Map.of() : one(things);
        int how = things.isEmpty() ? 3 : random.nextInt(4);
        place.put(
                "name",
                how == 0
                        ? other.getOrDefault("name", "") + MARKS.charAt(random.nextInt(4))
                        : how == 1 ? other.getOrDefault("name", "") : words.place());
        place.put("code", random.nextInt(3) == 0 ? one(codes) : words.digits("code", "1101", 8));
        return place;
    }

    private <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }
}
