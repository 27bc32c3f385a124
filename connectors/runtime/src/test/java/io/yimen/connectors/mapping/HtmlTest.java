package io.yimen.connectors.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import io.yimen.pool.claim.Flag;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HtmlTest {
    private final List<Flag> flags = new ArrayList<>();

    private String text(String html) {
        return Html.text("text", html, flags);
    }

    @Test
    void eachBlockIsALineAndRunsOfBlanksAreOne() {
        assertThat(text("<div>一<p> 二&nbsp;<b>三</b> </p>四<br>五\n六<ul><li>七<li>八</ul></div>"))
                .isEqualTo("一\n二 三\n四\n五 六\n七\n八");
        assertThat(text("plain &lt;b&gt; text")).isEqualTo("plain <b> text");
        assertThat(flags).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<script>steal()</script>",
                "<style>p{}</style>",
                "<iframe src=x>steal()</iframe>",
                "<svg><script>steal()</script><text>x</text></svg>",
                "<template><p>steal()</p></template>",
                "<form><input value=steal><button>steal()</button></form>",
                "<noscript><p>steal()</p></noscript>",
                "<p hidden>steal()</p>",
                "<!-- steal() --><img src=x onerror=steal()>",
            })
    void whatRunsOrIsNotShownIsNoText(String html) {
        assertThat(text("<p>前</p>" + html + "<p>后</p>")).isEqualTo("前\n后");
    }

    @Test
    void aBodyWithoutEndIsCutAndFlagged() {
        assertThat(text("<p>" + "𠮷".repeat(Html.LONGEST))).hasSize(Html.LONGEST);
        assertThat(flags).containsExactly(new Flag("text", "shortened"));
        assertThat(text("<div>".repeat(100_000) + "深" + "</div>".repeat(100_000)))
                .isEqualTo("深");
    }
}
