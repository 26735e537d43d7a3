package dev.haulout.e2e.cluster;

/** What is done to an installation while clients work. */
enum Blow {
    /** An operator's pod is deleted with its grace; every other time it is the one that leads. */
    DELETE_OPERATOR,
    /** The server's pod is deleted with its grace, as an eviction does; a miss when there is none. */
    DELETE_SERVER,
    /** A gateway's pod is deleted with its grace. */
    DELETE_GATEWAY,
    /** All gateways are replaced, as an upgrade does. */
    ROLL_GATEWAYS,
    /** SIGKILL to an operator. */
    KILL_OPERATOR,
    /** SIGKILL to a gateway. */
    KILL_GATEWAY,
    /** SIGKILL to the server; a miss when there is none. */
    KILL_SERVER
}
