package io.yimen.connectors.rows;

import java.io.StringReader;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** XML that others wrote, read without document types, entities of their own, or anything fetched from elsewhere. */
public final class StrictXml {
    private static final XMLInputFactory FACTORY = factory(true);

    private StrictXml() {}

    /**
     * The JDK's own, whatever else is on the class path.
     *
     * @param coalescing whether a text comes in one piece, however long it is
     */
    static XMLInputFactory factory(boolean coalescing) {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, coalescing);
        return factory;
    }

    /** A reader that does not go on behind what is not well-formed; a document type is an event that it tells. */
    public static XMLStreamReader reader(String text) throws XMLStreamException {
        synchronized (FACTORY) {
            return FACTORY.createXMLStreamReader(new StringReader(text));
        }
    }
}
