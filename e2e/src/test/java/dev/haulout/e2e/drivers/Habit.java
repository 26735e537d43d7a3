package dev.haulout.e2e.drivers;

/** Something that an application does the same way again and again, on connections that it keeps. */
interface Habit extends AutoCloseable {
    /** Does it once more, and sees that all is as it was. @param round from 0 on; the server has slept since the last */
    void again(int round) throws Exception;

    @Override
    void close() throws Exception;
}
