package io.yimen.connectors.extract;

import io.yimen.connectors.Connector;
import io.yimen.connectors.manifest.FileDropSettings;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.manifest.RestSettings;

/** The extractor for each kind of source. */
public final class Extractors {
    private Extractors() {}

    /** @throws io.yimen.connectors.manifest.ManifestException if a parameter has a value that does not do */
    public static Extractor of(Connector connector) {
        Manifest.Settings settings = connector.manifest().settings();
        if (settings instanceof Manifest.Capture capture) {
            return new PostgresCapture(connector, capture);
        }
        if (settings instanceof Manifest.MysqlCapture capture) {
            return new MysqlCapture(connector, capture);
        }
        if (settings instanceof Manifest.Jdbc jdbc) {
            return new JdbcExtractor(connector, jdbc);
        }
        if (settings instanceof RestSettings rest) {
            return new RestPages(connector, rest);
        }
        if (settings instanceof Manifest.Soap soap) {
            return new RestPages(connector, soap);
        }
        if (settings instanceof Manifest.Push push) {
            return new PushInbox(connector, push);
        }
        if (settings instanceof Manifest.Topic topic) {
            return new TopicReader(connector, topic);
        }
        return new FileDrop(connector, (FileDropSettings) settings);
    }
}
