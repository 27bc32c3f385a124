package io.yimen.pool.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.yimen.pool.PoolException;
import io.yimen.pool.seal.Vault;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class CursorsTest {
    private final Vault vault = Vault.of(new byte[32]);
    private final Cursors cursors = new Cursors(vault);
    private final String question = Cursors.question("list", "Person", null, List.of("a"));

    @Test
    void bringsKeysBackLineBreaksIncluded() {
        String cursor = cursors.write(question, "17", "key", "王\n伟\n");
        assertThat(cursors.read(cursor, question, 3)).containsExactly("17", "key", "王\n伟\n");
    }

    @Test
    void showsNothingOfTheKey() {
        String cursor = cursors.write(question, "17", "key", "WANGWEI");
        assertThat(cursor).matches("[A-Za-z0-9_-]+").doesNotContain("WANGWEI");
        assertThat(new String(java.util.Base64.getUrlDecoder().decode(cursor), java.nio.charset.StandardCharsets.UTF_8))
                .doesNotContain("WANGWEI");
    }

    @Test
    void refusesWhatIsNoCursorOfTheQuestion() {
        String good = cursors.write(question, "17");
        assertRefused(() -> cursors.read(good, Cursors.question("list", "Person", "x", List.of("a")), 1));
        assertRefused(() -> cursors.read(good, question, 2));
        assertRefused(() -> cursors.read("", question, 1));
        assertRefused(() -> cursors.read("%%%", question, 1));
        assertRefused(() -> cursors.read("AAAA", question, 1));
        assertRefused(() -> cursors.read(good.substring(0, good.length() - 4) + "AAAA", question, 1));
        assertRefused(() -> cursors.read(vault.seal("138").substring(5), question, 1));
        assertRefused(() -> new Cursors(Vault.of(
                        "0123456789abcdef0123456789abcdef".getBytes(java.nio.charset.StandardCharsets.US_ASCII)))
                .read(good, question, 1));
    }

    @Test
    void questionsDifferWhereTheirPartsDo() {
        assertThat(Cursors.question("a", "b")).isNotEqualTo(Cursors.question("ab", ""));
        assertThat(Cursors.question("a,1:b")).isNotEqualTo(Cursors.question("a", "b"));
        assertThat(Cursors.question("a", "b")).isEqualTo(Cursors.question("a", "b"));
    }

    private static void assertRefused(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PoolException.class, e -> assertThat(e.kind()).isEqualTo(PoolException.Kind.INVALID));
    }
}
