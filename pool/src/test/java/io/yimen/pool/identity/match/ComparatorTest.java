package io.yimen.pool.identity.match;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComparatorTest {
    private static String level(String kind, String a, String b) {
        FieldKind k = Objects.requireNonNull(FieldKind.all().get(kind));
        Value x = new Value();
        Value y = new Value();
        k.prepare(a, x);
        k.prepare(b, y);
        Edits edits = new Edits();
        int level = k.level(x, y, edits);
        assertThat(k.level(y, x, edits)).as("symmetric").isEqualTo(level);
        assertThat(k.isExact() && level == 0 && !x.isSame(y))
                .as("different texts are the same to a kind that says it is exact")
                .isFalse();
        return k.levels().get(level);
    }

    @ParameterizedTest
    @CsvSource({
        "han-name, 张伟, 张 伟, same",
        "han-name, 張偉, 张伟, same",
        "han-name, 张伟（户主）, 张伟, same",
        "han-name, 买买提·艾力, 买买提艾力, same",
        "han-name, 张伟, 张玮, same sound",
        "han-name, 张伟, zhang wei, same sound",
        "han-name, 张伟, Wei Zhang, same sound",
        "han-name, 王己明, 王已明, look-alike",
        "han-name, 周未, 周末, look-alike",
        "han-name, 晓明李, 李晓明, other order",
        "han-name, 李晓明, 李大明, one character",
        "han-name, 李晓明, 李芳, same surname",
        "han-name, 李晓明, 王芳, different",
        "han-name, 𠮷田, 吉田, same",
        "han-name, 孙䶮, 孙岩, same sound",
        "id-number, 11010519491231002X, 11010519491231002x, same",
        "id-number, 110105491231002, 11010519491231002X, same",
        "id-number, １１０１０５１９４９１２３１００２Ｘ, 110105 19491231 002X, same",
        "id-number, 11010519491231002X, 11010519491213002X, one slip",
        "id-number, 11010519491231002X, 11010519481231002X, one slip",
        "id-number, 11010519491231002X, 11010519491231003X, one slip",
        "id-number, 11010519491231002X, 440524188001010014, both valid and different",
        "date, 1984-03-05, 19840305, same",
        "date, 1984年3月5日, 1984-03-05, same",
        "date, 1984-03-05, 1984-05-03, parts swapped",
        "date, 1984-01-01, 1984-02-02, lunar",
        "date, 2023-08-15, 2023-09-29, lunar",
        "date, 1984-03-05, 1984-03-06, one slip",
        "date, 1984-03-05, 1984-03-17, two parts agree",
        "date, 1984-03-05, 1990-11-17, different",
        "phone, +86 138-0000-1234, 13800001234, same",
        "phone, 010-65123456, 65123456, same",
        "phone, 010-65123456转801, 65123456, other extension",
        "phone, 010-65123456-801, 65123456, other extension",
        "phone, 13800001234, 13800001243, one slip",
        "phone, 13800001234, 13911112222, different",
        "han-address, 北京市朝阳区永安里小区3号楼2单元501室, 永安里三号楼二单元501, same door",
        "han-address, 永安里3楼2门501号, 永安里3-2-501, same door",
        "han-address, 永安里3号楼501, '永安里3号楼2单元501', 'same door, parts missing'",
        "han-address, 永安里3号楼2单元501, 永安里3号楼2单元502, same building",
        "han-address, 永安里3号楼2单元501, 永安里4号楼1单元101, same compound",
        "han-address, 永安里3号楼2单元501, 永安里东3号楼2单元501, compound misspelt",
        "han-address, 永安里3号楼2单元501, 和平里3号楼2单元501, different",
        "han-address, 永安里3号楼2单元501, 劲松九区3号楼2单元501, different",
        "place-name, 永安里社区, 永安里社区居委会, same",
        "place-name, 永安里社区居民委员会, 永安里居委会, same",
        "place-name, 永安里, 永安里居委会, same",
        "place-name, 永安里东社区, 永安里社区, differs in direction or number",
        "place-name, 芳城园一区社区, 芳城园二区社区, differs in direction or number",
        "place-name, 牛站村委会, 牛战村民委员会, variant",
        "place-name, 高井社区居委会, 高井村委会, other kind",
        "place-name, 八角景阳街社区, 景阳街社区, affix",
        "place-name, 双玉南街社区, 四块玉社区, different",
        "place-name, 草园社区居委会, 草园图书馆, different",
        "place-name, 九道湾社区, 九道湾邮政所, different",
        "place-name, 和平里, 和平里医院, different",
        "place-name, 草园社区图书馆, 草园图书馆, affix",
        "credit-code, 91350100M000100Y43, 91350100m000100y43, same",
        "credit-code, 91350100M000100Y43, 91350100M000100Y34, one slip",
        "latin-name, O'Brien, obrien, same",
        "latin-name, michaela, michafla, one slip",
        "latin-name, mcgregor, mcgergor, one slip",
        "latin-name, benjamin, joshua, different",
        "latin-text, stanley street, stanleykstreet, one slip",
        "digits, 7180320, 7180230, one slip",
        "digits, 7180320, 9999999, different",
        "sex, 男, 1, same",
        "code, 01, 02, different",
    })
    void tellsHowAlikeTwoValuesAre(String kind, String a, String b, String level) {
        assertThat(level(kind, a, b)).isEqualTo(level);
    }

    @Test
    void takesDivisionsOffTheFrontOfAName() {
        assertThat(Texts.withoutPlace("东城区东华门街道多福巷社区居委会", "东城区")).isEqualTo("东华门街道多福巷社区居委会");
        assertThat(Texts.withoutPlace("垡头一区社区", "垡头街道办事处")).isEqualTo("一区社区");
        assertThat(Texts.withoutPlace("雁翅村委会", "雁翅镇")).isEqualTo("雁翅村委会");
    }

    @Test
    void knowsTheMoonsCalendar() {
        assertThat(Lunar.toSolar(1984, 1, 1)).isEqualTo(19840202);
        assertThat(Lunar.toSolar(2023, 8, 15)).isEqualTo(20230929);
        assertThat(Lunar.toSolar(2020, 4, 30)).isEqualTo(20200522);
        assertThat(Lunar.toSolar(2020, 5, 1)).isEqualTo(20200621);
        assertThat(Lunar.toSolar(1850, 1, 1)).isEqualTo(-1);
    }

    @Test
    void bothWaysToCountEditsAgree() {
        java.util.SplittableRandom dice = new java.util.SplittableRandom(5);
        Edits edits = new Edits();
        for (int i = 0; i < 3000; i++) {
            String a = word(dice);
            String b = word(dice);
            // one character outside ASCII on both sides takes the other way
            assertThat(edits.distance(Value.of(a + "里"), Value.of(b + "里")))
                    .as("%s %s", a, b)
                    .isEqualTo(edits.distance(Value.of(a), Value.of(b)));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "phone, 13800001234 13911112222 010-65123456 010-65123456-801 65123456-2 6512345, 0123456789-, 0.3",
        "han-address, 永安里3号楼2单元501 永安里3号楼501 永安里东3-2-501 和平里12号楼1单元101 和平里 5号楼101, 永和里东0123-, 0.3"
    })
    void whatSketchesHoldFarApartIsSoOnceRead(String kind, String texts, String signs, double share) {
        FieldKind k = Objects.requireNonNull(FieldKind.all().get(kind));
        java.util.SplittableRandom dice = new java.util.SplittableRandom(7);
        Edits edits = new Edits();
        Value x = new Value();
        Value y = new Value();
        String[] all = texts.split(" ");
        int far = 0;
        int n = 40_000;
        for (int i = 0; i < n; i++) {
            // of one text and of two, with slips
            String a = slipped(all[dice.nextInt(all.length)], signs, dice);
            String b = slipped(i % 2 == 0 ? a : all[dice.nextInt(all.length)], signs, dice);
            k.prepare(a, x);
            k.prepare(b, y);
            if (x.length > 0 && y.length > 0 && k.isFar(k.sketch(x), k.sketch(y))) {
                assertThat(k.level(x, y, edits)).as("%s, %s", a, b).isGreaterThanOrEqualTo(k.far());
                far++;
            }
        }
        assertThat((double) far / n).isGreaterThan(share);
    }

    private static String slipped(String text, String signs, java.util.SplittableRandom dice) {
        StringBuilder b = new StringBuilder(text);
        for (int slips = dice.nextInt(3); slips > 0; slips--) {
            int at = dice.nextInt(b.length());
            char sign = signs.charAt(dice.nextInt(signs.length()));
            switch (dice.nextInt(3)) {
                case 0 -> b.setCharAt(at, sign);
                case 1 -> b.insert(at, sign);
                default -> b.delete(at, b.length() > 1 ? at + 1 : at);
            }
        }
        return b.toString();
    }

    private static String word(java.util.SplittableRandom dice) {
        StringBuilder b = new StringBuilder();
        int n = dice.nextInt(1, 9);
        for (int i = 0; i < n; i++) {
            b.append((char) ('a' + dice.nextInt(3)));
        }
        return b.toString();
    }
}
