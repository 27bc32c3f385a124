package io.yimen.pool;

/**
 * A source system as people know it.
 *
 * @param id short id, e.g. {@code election}
 * @param title name in Chinese
 * @param titleEn name in English
 * @param owner the office that owns it
 */
public record SourceInfo(String id, String title, String titleEn, String owner) {}
