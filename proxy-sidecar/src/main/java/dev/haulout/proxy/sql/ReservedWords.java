package dev.haulout.proxy.sql;

import java.util.Locale;
import java.util.Set;

/**
 * Words that cannot, or in some version or {@code sql_mode} cannot, stand unquoted for a name: those that MariaDB 10.11
 * or 11.4 refuses as a database or alias, and a few that later versions or Oracle mode reserve.
 */
final class ReservedWords {
    private static final Set<String> WORDS = Set.of("""
            accessible add all alter analyze and as asc asensitive before begin between bigint binary blob body
            both by call cascade case change char character check collate column condition constraint continue
            conversion convert create cross current_date current_role current_time current_timestamp
            current_user cursor databases day_hour day_microsecond day_minute day_second dec decimal declare
            default delayed delete delete_domain_id desc describe deterministic distinct distinctrow div
            do_domain_ids double drop dual each else elseif elsif enclosed end escaped except exception exists
            exit explain false fetch float float4 float8 for force foreign from fulltext global goto grant group
            having high_priority hour_microsecond hour_minute hour_second if ignore ignore_domain_ids in index
            infile inner inout insensitive insert int int1 int2 int3 int4 int8 integer intersect interval into
            is iterate join key keys kill leading leave left like limit linear lines load local localtime
            localtimestamp lock long longblob longtext loop low_priority master_demote_to_replica
            master_demote_to_slave master_ssl_verify_server_cert match maxvalue mediumblob mediumint mediumtext
            middleint minus minute_microsecond minute_second mod modifies names natural no_write_to_binlog not
            null numeric offset on optimize option optionally or order others out outer outfile over package
            page_checksum parse_vcol_expr partition password portion precision primary procedure purge raise
            range read read_write reads real recursive ref_system_id references regexp release rename repeat
            replace require resignal restrict return returning revoke right rlike role row row_number rownum
            rows rowtype schemas second_microsecond select sensitive separator session set show signal smallint
            sounds spatial specific sql sql_after_gtids sql_before_gtids sql_big_result sql_calc_found_rows
            sql_small_result sqlexception sqlstate sqlwarning ssl starting stats_auto_recalc stats_persistent
            stats_sample_pages status straight_join table terminated then tinyblob tinyint tinytext to trailing
            transaction trigger true undo union unique unlock unsigned update usage use using utc_date utc_time
            utc_timestamp values varbinary varchar varcharacter varying vector vectors when where while window
            with write xor year_month zerofill
            """.strip().split("\\s+"));

    private ReservedWords() {}

    static boolean contains(String word) {
        return WORDS.contains(word.toLowerCase(Locale.ROOT));
    }
}
