package io.yimen.pool.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.yimen.pool.model.Sensitivity;
import org.junit.jupiter.api.Test;

class MaskTest {
    @Test
    void leavesThreeDigitsOfTheRegionAndTheLastTwoOfAnIdNumber() {
        assertThat(Mask.of(Sensitivity.ID_NUMBER, "11010119900307651X")).isEqualTo("110*************1X");
        assertThat(Mask.of(Sensitivity.ID_NUMBER, "110101900307651")).isEqualTo("110**********51");
    }

    @Test
    void leavesBothEndsOfAPhoneNumber() {
        assertThat(Mask.of(Sensitivity.PHONE, "13812345678")).isEqualTo("138****5678");
        assertThat(Mask.of(Sensitivity.PHONE, "010-65252233")).isEqualTo("010*****2233");
    }

    @Test
    void leavesNothingOfWhatIsTooShortOrNotWhatItShouldBe() {
        assertThat(Mask.of(Sensitivity.PHONE, "6525223")).isEqualTo("***");
        assertThat(Mask.of(Sensitivity.ID_NUMBER, "1101011990")).isEqualTo("***");
        assertThat(Mask.of(Sensitivity.ID_NUMBER, "")).isEqualTo("***");
        assertThat(Mask.of(Sensitivity.ID_NUMBER, "𠮷".repeat(18))).isEqualTo("***");
        assertThat(Mask.of(Sensitivity.ALL, "anything")).isEqualTo("***");
    }

    @Test
    void leavesAloneWhatIsNotSensitive() {
        assertThat(Mask.of(Sensitivity.NONE, "多福巷社区")).isEqualTo("多福巷社区");
    }
}
