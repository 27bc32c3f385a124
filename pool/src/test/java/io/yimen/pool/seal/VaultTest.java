package io.yimen.pool.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.yimen.pool.PoolException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VaultTest {
    private final Vault vault = Vault.of(new byte[32]);

    @Test
    void opensWhatItSealed() {
        for (String clear : new String[] {"", "11010118860725511X", "䶮𠮷", "x".repeat(100_000)}) {
            String sealed = vault.seal(clear);
            assertThat(sealed).startsWith("enc1:");
            assertThat(vault.open(sealed)).isEqualTo(clear);
        }
    }

    @Test
    void equalTextsSealToEqualTexts() {
        String first = vault.seal("13800000000");
        assertThat(vault.seal("13800000000")).isEqualTo(first);
        assertThat(vault.seal("13800000001")).isNotEqualTo(first);
        assertThat(vault.seal("13800000000")).isEqualTo(first);
    }

    @Test
    void digestDependsOnNameValueAndKey() {
        assertThat(vault.digest("a", "bc")).isEqualTo(vault.digest("a", "bc")).isNotEqualTo(vault.digest("ab", "c"));
        byte[] other = new byte[32];
        other[31] = 1;
        assertThat(Vault.of(other).digest("a", "bc")).isNotEqualTo(vault.digest("a", "bc"));
    }

    @Test
    void anotherKeyAndDamageAreRefused() {
        byte[] other = new byte[32];
        other[31] = 1;
        String sealed = vault.seal("13800000000");
        assertThatThrownBy(() -> Vault.of(other).open(sealed)).isInstanceOf(PoolException.class);
        assertThatThrownBy(() -> vault.open("13800000000")).isInstanceOf(PoolException.class);
        assertThatThrownBy(() -> vault.open("enc1:AAAA")).isInstanceOf(PoolException.class);
        assertThatThrownBy(() -> vault.open("enc1:§")).isInstanceOf(PoolException.class);
    }

    @Test
    void keyFileIsMadeForItsOwnerAloneAndReadAgain(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("state/vault.key");
        String sealed = Vault.loadOrCreate(file).seal("x");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(Vault.load(file).open(sealed)).isEqualTo("x");
    }

    @Test
    void openOrBrokenKeyFileIsRefused(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("vault.key");
        assertThatThrownBy(() -> Vault.load(file)).hasMessageContaining("cannot be read");
        Vault.loadOrCreate(file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> Vault.load(file)).hasMessageContaining("chmod 600");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        Files.writeString(file, "secret");
        assertThatThrownBy(() -> Vault.load(file))
                .hasMessageContaining("hexadecimal")
                .hasMessageNotContaining("secret");
    }

    @Test
    void remembersForAPieceOfWorkWhatIsTrueWithoutToo() {
        Vault work = vault.remembering();
        String sealed = vault.seal("110105194912310028");
        assertThat(work.seal("110105194912310028")).isEqualTo(sealed);
        assertThat(work.open(sealed)).isEqualTo("110105194912310028");
        assertThat(work.open(vault.seal("13811112222"))).isEqualTo("13811112222");
        assertThatThrownBy(() -> work.open("clear")).hasMessageContaining("not sealed");
        byte[] other = new byte[32];
        other[0] = 1;
        String foreign = Vault.of(other).seal("x");
        assertThatThrownBy(() -> work.open(foreign)).hasMessageContaining("another key");
        assertThat(work).hasToString("Vault");
    }

    @Test
    void showsNothing() {
        assertThat(vault).hasToString("Vault");
    }
}
