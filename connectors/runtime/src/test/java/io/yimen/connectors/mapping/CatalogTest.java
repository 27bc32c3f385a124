package io.yimen.connectors.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import io.yimen.connectors.Catalog;
import io.yimen.connectors.ManifestPage;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.manifest.Manifests;
import io.yimen.pool.model.PoolModel;
import java.util.List;
import org.junit.jupiter.api.Test;

class CatalogTest {
    @Test
    void everyConnectorOfTheCatalogPassesItsOwnTests() {
        List<Manifest> manifests = Manifests.load(Catalog.folder());
        assertThat(manifests)
                .extracting(Manifest::id)
                .contains("election", "divisions-2016", "divisions-2023", "credit-codes");
        for (Manifest manifest : manifests) {
            assertThat(ManifestTests.run(manifest))
                    .isNotEmpty()
                    .allSatisfy(r -> assertThat(r.failure()).isEmpty());
        }
    }

    @Test
    void everyConnectorOfTheCatalogHasItsPage() throws Exception {
        ManifestPage pages = new ManifestPage(PoolModel.standard());
        for (Manifest manifest : Manifests.load(Catalog.folder())) {
            assertThat(Catalog.folder().resolve(manifest.id()).resolve("README.md"))
                    .as("after a change of the manifest: ./yimen connector page connectors/catalog")
                    .hasContent(pages.of(manifest));
        }
    }

    @Test
    void voicesNeverOverrideARegister() {
        List<Manifest> manifests = Manifests.load(Catalog.folder());
        for (Manifest.Stream voices : Catalog.manifest("voices-13").streams()) {
            assertThat(manifests)
                    .filteredOn(m -> !m.id().equals("voices-13"))
                    .flatExtracting(Manifest::streams)
                    .filteredOn(s -> s.entity().equals(voices.entity()))
                    .allSatisfy(s -> assertThat(s.trust()).isGreaterThan(voices.trust()));
        }
    }
}
