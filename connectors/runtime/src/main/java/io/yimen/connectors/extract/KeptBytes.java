package io.yimen.connectors.extract;

import java.nio.ByteBuffer;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * A key or a value of a Kafka record, as far as it is kept.
 *
 * @param bytes null where it is too large, and where there was no room for it beside the others
 */
record KeptBytes(byte @Nullable [] bytes, int length) {
    /** Largest key or value that is looked at. */
    static final int LARGEST = 4 << 20;

    /** There was no room for it: its record is to be read once more. */
    boolean isLeft() {
        return bytes == null && !isTooLarge();
    }

    boolean isTooLarge() {
        return length > LARGEST;
    }

    @Override
    public String toString() {
        return length + " bytes";
    }

    /**
     * Keeps of the records of one poll what there is room for. The client unpacks a batch record by record and would
     * hold all that it hands out at once, however small it came. For the thread that polls.
     */
    static final class Reading implements Deserializer<KeptBytes> {
        /** Room for all keys and values of a poll; always for those of one record. */
        private static final int ROOM = 4 * LARGEST;

        private int kept;

        /** All that was kept before has been dealt with. */
        void begin() {
            kept = 0;
        }

        @Override
        public KeptBytes deserialize(String topic, byte[] data) {
            return keep(ByteBuffer.wrap(data));
        }

        @Override
        public KeptBytes deserialize(String topic, Headers headers, ByteBuffer data) {
            return keep(data);
        }

        private KeptBytes keep(ByteBuffer data) {
            int length = data.remaining();
            if (length > LARGEST || kept + length > ROOM) {
                return new KeptBytes(null, length);
            }
            kept += length;
            byte[] bytes = new byte[length];
            data.get(bytes);
            return new KeptBytes(bytes, length);
        }
    }
}
