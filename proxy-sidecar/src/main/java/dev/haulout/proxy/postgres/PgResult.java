package dev.haulout.proxy.postgres;

import java.util.List;

/**
 * What a statement gave.
 *
 * @param columns their names; none for a statement without rows
 * @param rows the values as text, null for NULL
 */
public record PgResult(List<String> columns, List<byte[][]> rows) {}
