package io.yimen.pool.model;

/** What people call a type or field, in Chinese and in English. */
public record Label(String zh, String en) {}
