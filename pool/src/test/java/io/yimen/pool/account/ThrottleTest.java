package io.yimen.pool.account;

import static org.assertj.core.api.Assertions.assertThat;

import io.yimen.pool.TestClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ThrottleTest {
    private final TestClock clock = new TestClock();
    private final Throttle throttle = new Throttle(clock);

    @Test
    void letsFiveThroughThenWaitsTwiceAsLongEachTime() {
        fail("wang", 5);
        assertThat(throttle.take("wang")).contains(Duration.ofSeconds(1));
        clock.advance(Duration.ofSeconds(1));
        assertThat(throttle.take("wang")).isEmpty();
        assertThat(throttle.take("wang")).contains(Duration.ofSeconds(2));
    }

    @Test
    void neverWaitsLongerThanAQuarterOfAnHour() {
        for (int i = 0; i < 40; i++) {
            throttle.take("wang").ifPresent(clock::advance);
            throttle.take("wang");
        }
        assertThat(throttle.take("wang").orElseThrow()).isLessThanOrEqualTo(Duration.ofMinutes(15));
    }

    @Test
    void forgetsAfterSuccessAndAfterAQuietQuarterOfAnHour() {
        fail("wang", 5);
        throttle.succeeded("wang");
        assertThat(throttle.take("wang")).isEmpty();

        fail("li", 5);
        clock.advance(Duration.ofMinutes(16));
        fail("li", 4);
        assertThat(throttle.take("li")).isEmpty();
    }

    @Test
    void countsEveryLoginByItself() {
        fail("wang", 5);
        assertThat(throttle.take("li")).isEmpty();
    }

    private void fail(String login, int times) {
        for (int i = 0; i < times; i++) {
            assertThat(throttle.take(login)).isEmpty();
        }
    }
}
