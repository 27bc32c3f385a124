package io.yimen.pool.account;

import java.util.Locale;

/** What an account may do, apart from which places it sees; stored in lower case. */
public enum Role {
    WORKER,
    OFFICER,
    ADMIN;

    /** Name as stored and on the wire. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Role ofWireName(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }
}
