package io.yimen.pool.identity;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NamesTest {
    @Test
    void styleIsTakenOff() {
        for (String styled :
                new String[] {"多福巷社区", "多福巷社区居委会", "多福巷社区居民委员会", "多福巷居委会", "多福巷居民委员会", "多福巷社区委员会", " 多福巷 社区（居委会）"}) {
            assertThat(Names.placeName(styled)).as(styled).isEqualTo("多福巷");
            assertThat(Names.placeKind(styled)).as(styled).isIn("JWH", styled.endsWith("委员会") ? "OTHER" : "JWH");
        }
    }

    @Test
    void villageNamesLoseOneVillageOnly() {
        assertThat(Names.placeName("稻田二村委会")).isEqualTo("稻田二");
        assertThat(Names.placeName("稻田二村村委会")).isEqualTo("稻田二");
        assertThat(Names.placeName("于家台村民委员会")).isEqualTo("于家台");
        assertThat(Names.placeName("沙锅村")).isEqualTo("沙锅");
        assertThat(Names.placeKind("沙锅村")).isEqualTo("CWH");
    }

    @Test
    void differentPlacesStayDifferent() {
        assertThat(Names.placeName("永安里东社区")).isNotEqualTo(Names.placeName("永安里社区"));
        assertThat(Names.placeName("革新里社区居委会")).isNotEqualTo(Names.placeName("西革新里社区居委会"));
        assertThat(Names.placeName("新村社区居委会")).isEqualTo("新村");
        assertThat(Names.placeKind("西马庄社区")).isNotEqualTo(Names.placeKind("西马庄村委会"));
    }

    @Test
    void typeOfATownDoesNotCount() {
        for (String styled : new String[] {"东华门街道办事处", "东华门街道", "东华门地区办事处", "东华门镇"}) {
            assertThat(Names.placeName(styled)).isEqualTo("东华门");
            assertThat(Names.placeKind(styled)).isEqualTo("OTHER");
        }
        assertThat(Names.placeName("冯家峪镇社区居民委员会")).isEqualTo(Names.placeName("冯家峪社区居委会"));
    }

    @Test
    void committeeNameLosesItsDivisions() {
        assertThat(Names.orgName("北京市东城区东华门街道多福巷社区居民委员会")).isEqualTo("多福巷");
        assertThat(Names.orgName("北京市密云区古北口镇河西村村民委员会")).isEqualTo("河西");
        assertThat(Names.orgName("北京市通州区永顺地区办事处天赐良园社区居委会")).isEqualTo("天赐良园");
        assertThat(Names.orgName("北京市怀柔区长哨营满族乡七道河村民委员会")).isEqualTo("七道河");
        assertThat(Names.orgName("多福巷社区居委会")).isEqualTo("多福巷");
        assertThat(Names.placeKind("北京市东城区东华门街道多福巷社区居民委员会")).isEqualTo("JWH");
    }

    @Test
    void namesMadeOfSuffixesAloneAreLeft() {
        assertThat(Names.placeName("社区")).isEqualTo("社区");
        assertThat(Names.placeName("镇")).isEqualTo("镇");
        assertThat(Names.placeName("")).isEmpty();
        assertThat(Names.placeKind("")).isEmpty();
    }
}
