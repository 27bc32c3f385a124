package io.yimen.bench.copy;

/** What is copied from. */
enum SourceKind {
    POSTGRES,
    MARIADB
}
