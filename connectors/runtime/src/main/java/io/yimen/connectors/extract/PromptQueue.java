package io.yimen.connectors.extract;

import io.debezium.connector.base.ChangeEventQueue;
import io.debezium.connector.base.QueueProvider;
import io.debezium.pipeline.DataChangeEvent;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.jspecify.annotations.Nullable;

/**
 * The queue between a Debezium task's reader and whoever polls the task, emptied as soon as there is something in it.
 *
 * <p>Debezium's own poll waits for a whole batch or the end of its interval, whichever comes first, and spends the last
 * millisecond of each interval turning, with the reader locked out: at an interval of 5 ms a fifth of a core for every
 * source, whether anything comes or not. There is no setting for it and the queue cannot be exchanged, so its parts are
 * reached for by their names; where a Debezium names them otherwise, the start says so.
 *
 * <p>The task has to be told {@code max.batch.size=1}: only then does the reader tell of each record.
 */
final class PromptQueue {
    private final QueueProvider<DataChangeEvent> records;
    private final ChangeEventQueue<DataChangeEvent> queue;
    private final Lock lock;
    private final Condition arrived;
    private final Condition room;
    private final Field failure;

    private PromptQueue(ChangeEventQueue<DataChangeEvent> queue) throws ReflectiveOperationException {
        this.queue = queue;
        this.records = part("queue");
        this.lock = part("lock");
        this.arrived = part("isFull");
        this.room = part("isNotFull");
        this.failure = open(ChangeEventQueue.class, "producerException");
    }

    /**
     * @param task which Debezium's class declares the queue
     * @throws IllegalStateException if this Debezium is not made like the one that was looked at
     */
    static PromptQueue of(SourceTask task, Class<? extends SourceTask> declared) {
        try {
            @SuppressWarnings("unchecked")
            var queue =
                    (ChangeEventQueue<DataChangeEvent>) open(declared, "queue").get(task);
            return new PromptQueue(queue);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("The queue of this version of Debezium is not known", e);
        }
    }

    /**
     * What has come, all of it up to {@code most}; waits for the first.
     *
     * @return nothing if nothing came in time
     * @throws RuntimeException what the reader has failed with
     */
    List<SourceRecord> poll(int most, long patience, TimeUnit unit) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = unit.toNanos(patience);
            while (records.size() == 0 && left > 0) {
                throwFailure();
                left = arrived.awaitNanos(left);
            }
            throwFailure();
            int found = Math.min(records.size(), most);
            List<SourceRecord> taken = new ArrayList<>(found);
            for (int i = 0; i < found; i++) {
                taken.add(records.poll().getRecord());
            }
            room.signalAll();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    private void throwFailure() {
        try {
            if (failure.get(queue) instanceof RuntimeException failed && records.size() == 0) {
                throw failed;
            }
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("A part of the queue that was opened is closed", e);
        }
    }

    @SuppressWarnings("unchecked")
    private <T> T part(String name) throws ReflectiveOperationException {
        @Nullable Object part = open(ChangeEventQueue.class, name).get(queue);
        if (part == null) {
            throw new NoSuchFieldException(name);
        }
        return (T) part;
    }

    private static Field open(Class<?> declared, String name) throws ReflectiveOperationException {
        Field field = declared.getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }
}
