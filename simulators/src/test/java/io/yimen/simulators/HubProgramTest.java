package io.yimen.simulators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HubProgramTest {
    @TempDir
    private Path home;

    @BeforeEach
    void build() throws IOException {
        Files.createFile(
                Files.createDirectories(home.resolve("routes/target/hub")).resolve("yimen-hub.jar"));
    }

    @Test
    void usesAnArchiveThatIsMarkedAsWhole() throws IOException {
        HubProgram program = new HubProgram(home);
        Files.write(program.archive(), new byte[1000]);
        program.markArchive();

        assertThat(program.arguments(List.of())).contains("-XX:SharedArchiveFile=" + program.archive());
    }

    @Test
    void usesNoArchiveThatWasCutShort() throws IOException {
        HubProgram program = new HubProgram(home);
        Files.write(program.archive(), new byte[1000]);
        program.markArchive();
        Files.write(program.archive(), new byte[999]);

        assertThat(program.arguments(List.of())).isEqualTo(program.program());
    }

    @Test
    void usesNoArchiveThatNobodyMarked() throws IOException {
        HubProgram program = new HubProgram(home);
        Files.write(program.archive(), new byte[1000]);
        assertThat(program.arguments(List.of())).isEqualTo(program.program());

        program.markArchive();
        program.unmarkArchive();
        assertThat(program.arguments(List.of())).isEqualTo(program.program());
    }

    @Test
    void saysWhatToDoWhereNothingIsBuilt() {
        assertThatThrownBy(() -> new HubProgram(home.resolve("elsewhere")))
                .isInstanceOf(SimulatorException.class)
                .hasMessageContaining("mvn");
    }
}
