package dev.haulout.proxy.sql;

import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Classifies the statements a door cannot answer: what they might do to the session beyond what their text says. */
final class OtherReader {
    /** Statements whose effect on the session is none, or shown by the status flags of the reply. */
    private static final Set<String> NEUTRAL = Set.of(
            "SELECT",
            "INSERT",
            "UPDATE",
            "DELETE",
            "REPLACE",
            "LOAD",
            "VALUES",
            "WITH",
            "SHOW",
            "EXPLAIN",
            "DESCRIBE",
            "DESC",
            "ANALYZE",
            "CHECK",
            "CHECKSUM",
            "OPTIMIZE",
            "REPAIR",
            "CREATE",
            "ALTER",
            "DROP",
            "TRUNCATE",
            "RENAME",
            "GRANT",
            "REVOKE",
            "KILL",
            "FLUSH",
            "START",
            "COMMIT",
            "ROLLBACK",
            "UNLOCK",
            "HELP");

    private static final Set<String> DDL =
            Set.of("CREATE", "ALTER", "DROP", "TRUNCATE", "RENAME", "GRANT", "REVOKE", "OPTIMIZE", "REPAIR", "CHECK");

    private static final Set<String> WRITES = Set.of("INSERT", "UPDATE", "DELETE", "REPLACE", "LOAD");

    private static final Set<String> BEFORE_TARGET = Set.of("INTO", "INSERT", "REPLACE", "IGNORE");

    private static final Set<String> LOCK_CALLS = Set.of("GET_LOCK", "RELEASE_LOCK", "RELEASE_ALL_LOCKS");

    /** Built-in functions without side effects on the session. */
    private static final Set<String> PURE = words("""
            abs acos adddate addtime aes_decrypt aes_encrypt ascii asin atan atan2 avg bin bin_to_uuid bit_and bit_count
            bit_length bit_or bit_xor cast ceil ceiling char char_length character_length charset coalesce coercibility
            collation compress concat concat_ws connection_id conv convert convert_tz cos cot count crc32 crc32c cume_dist
            curdate current_date current_role current_time current_timestamp current_user curtime database date date_add
            date_format date_sub datediff day dayname dayofmonth dayofweek dayofyear decode degrees dense_rank elt encode
            exp export_set extract extractvalue field find_in_set first_value floor format format_bytes from_base64
            from_days from_unixtime get_format greatest group_concat hex hour if ifnull inet6_aton inet6_ntoa inet_aton
            inet_ntoa insert instr interval isnull json_array json_array_append json_array_insert json_arrayagg json_compact
            json_contains json_contains_path json_depth json_detailed json_exists json_extract json_insert json_keys
            json_length json_loose json_merge json_merge_patch json_merge_preserve json_object json_objectagg json_overlaps
            json_pretty json_query json_quote json_remove json_replace json_search json_set json_table json_type
            json_unquote json_valid json_value lag last_day last_value lcase lead least left length ln localtime
            localtimestamp locate log log10 log2 lower lpad ltrim make_set makedate maketime max md5 median microsecond mid
            min minute mod month monthname natural_sort_key now nth_value ntile nullif nvl nvl2 oct octet_length ord
            percent_rank percentile_cont percentile_disc period_add period_diff pi position pow power quarter quote radians
            rank regexp_instr regexp_replace regexp_substr repeat replace reverse right round row row_count row_number
            rownum rpad rtrim schema sec_to_time second session_user sformat sha sha1 sha2 sign sin soundex space sqrt std
            stddev stddev_pop stddev_samp str_to_date strcmp subdate substr substring substring_index subtime sum sysdate
            system_user tan time time_format time_to_sec timediff timestamp timestampadd timestampdiff to_base64 to_char
            to_days to_seconds trim truncate ucase uncompress uncompressed_length unhex unix_timestamp updatexml upper user
            utc_date utc_time utc_timestamp uuid uuid_short value values var_pop var_samp variance version week weekday
            weekofyear weight_string year yearweek st_astext st_asbinary st_contains st_distance st_geomfromtext st_intersects
            st_within st_x st_y point linestring polygon
            """);

    /** Words before a parenthesis that is not a call: operators, clauses and types. */
    private static final Set<String> STRUCTURE = words("""
            against all and any as between binary by char cross datetime decimal distinct distinctrow div else end except exists float for
            force from group having ignore in index inner intersect into is join key keys like limit lateral match materialized
            minus nchar not numeric of offset on or order outer over partition recursive regexp return returning rlike
            select set signed some straight_join table temporary then union unique unsigned update use using varchar
            varbinary when where with within xor
            """);

    /** Make a statement something else than ordinary wherever they stand. */
    private static final Set<String> ELSEWHERE = Set.of("TEMPORARY", "NEXT", "PROCEDURE", "FUNCTION");

    private OtherReader() {}

    /** Words before a parenthesis that promise that nothing is called which has side effects. */
    static Set<String> callable() {
        Set<String> words = new HashSet<>(PURE);
        words.addAll(STRUCTURE);
        return words;
    }

    /** Words before the name of a table that a list of columns follows. */
    static Set<String> beforeTarget() {
        return BEFORE_TARGET;
    }

    /** Words that have a statement looked at closely. */
    static Set<String> special() {
        Set<String> words = new HashSet<>(LOCK_CALLS);
        words.addAll(ELSEWHERE);
        return words;
    }

    private static Set<String> words(String list) {
        return Set.of(list.strip().split("\\s+"));
    }

    static Statement.Other read(byte[] text) {
        Lexer.Lexed escaped = Lexer.lex(text, true);
        Statement.Other read = classify(escaped);
        if (!escaped.backslash()) {
            return read;
        }
        // Which reading the server takes depends on sql_mode: only what holds for both is certain.
        Statement.Other verbatim = classify(Lexer.lex(text, false));
        Set<Pin> pins = EnumSet.noneOf(Pin.class);
        pins.addAll(read.pins());
        pins.addAll(verbatim.pins());
        return new Statement.Other(
                read.keyword(),
                read.neutral() && verbatim.neutral(),
                read.mayFireTriggers() || verbatim.mayFireTriggers(),
                pins,
                false);
    }

    static Statement.Other readPrefix(byte[] prefix) {
        Statement.Other read = classify(Lexer.lex(prefix, true));
        return new Statement.Other(read.keyword(), false, read.mayFireTriggers(), read.pins(), true);
    }

    private static Statement.Other classify(Lexer.Lexed lexed) {
        List<Token> tokens = lexed.tokens();
        int first = 0;
        while (first < tokens.size() && tokens.get(first).isSymbol("(")) {
            first++;
        }
        boolean worded = first < tokens.size() && tokens.get(first).kind() == Token.Kind.WORD;
        String keyword = worded ? upper(tokens.get(first)) : "";
        Set<Pin> pins = EnumSet.noneOf(Pin.class);
        pinsOf(keyword, tokens, pins);
        boolean neutral = !lexed.doubtful() && NEUTRAL.contains(keyword) && pins.isEmpty() && harmless(keyword, tokens);
        boolean writes = WRITES.contains(keyword)
                || ((keyword.equals("WITH") || keyword.equals("ANALYZE"))
                        && tokens.stream().anyMatch(token -> WRITES.contains(upper(token))));
        return new Statement.Other(keyword, neutral, writes, pins, false);
    }

    private static void pinsOf(String keyword, List<Token> tokens, Set<Pin> pins) {
        switch (keyword) {
            case "PREPARE", "EXECUTE", "DEALLOCATE" -> pins.add(Pin.PREPARED_TEXT);
            case "XA" -> pins.add(Pin.XA);
            case "HANDLER" -> pins.add(Pin.HANDLER);
            case "BACKUP" -> pins.add(Pin.BACKUP);
            case "SAVEPOINT" -> pins.add(Pin.SAVEPOINT);
            case "LOCK" -> pins.add(Pin.TABLE_LOCK);
            case "SET" -> pinsOfSet(tokens, pins);
            case "FLUSH" -> {
                if (any(tokens, "LOCK") || any(tokens, "EXPORT")) {
                    pins.add(Pin.FLUSH_LOCK);
                }
            }
            case "DROP" -> {
                if (tokens.size() > 1 && tokens.get(1).isWord("PREPARE")) {
                    pins.add(Pin.PREPARED_TEXT);
                }
            }
            default -> {}
        }
        for (int i = 0; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            if (token.isSymbol("@")) {
                pins.add(Pin.USER_VARIABLE);
            } else if (token.isWord("TEMPORARY")) {
                pins.add(Pin.TEMPORARY_TABLE);
            } else if (LOCK_CALLS.contains(upper(token))) {
                pins.add(Pin.USER_LOCK);
            }
        }
    }

    private static void pinsOfSet(List<Token> tokens, Set<Pin> pins) {
        if (tokens.size() > 1 && tokens.get(1).isWord("STATEMENT")) {
            return; // its values end with the statement
        }
        if (any(tokens, "ROLE")) {
            pins.add(Pin.ROLE);
        }
        boolean session = tokens.size() > 1
                && (tokens.get(1).isWord("SESSION") || tokens.get(1).isWord("LOCAL"));
        for (Token token : tokens) {
            String name = token.text().toLowerCase(Locale.ROOT);
            if (KnownVariables.oneShot(name)) {
                pins.add(Pin.ONE_SHOT_VARIABLE);
            }
            if (!session && (name.equals("transaction") || KnownVariables.nextTransaction(name))) {
                pins.add(Pin.NEXT_TRANSACTION);
            }
        }
    }

    /** Nothing but built-in functions is called, and no second statement follows. */
    private static boolean harmless(String keyword, List<Token> tokens) {
        boolean queries = !DDL.contains(keyword) || any(tokens, "SELECT") || any(tokens, "VALUES");
        for (int i = 0; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            if (token.isSymbol(";") && i + 1 < tokens.size()) {
                return false;
            }
            if (token.isWord("NEXT") || token.isWord("PROCEDURE") || token.isWord("FUNCTION")) {
                return false;
            }
            if (queries
                    && i + 1 < tokens.size()
                    && tokens.get(i + 1).isSymbol("(")
                    && !pureBeforeParenthesis(tokens, i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean pureBeforeParenthesis(List<Token> tokens, int i) {
        Token token = tokens.get(i);
        return switch (token.kind()) {
            case SYMBOL, INTEGER, NUMBER, STRING -> true;
            case WORD, QUOTED_WORD, DOUBLE_QUOTED -> {
                if (insertTarget(tokens, i)) {
                    yield true;
                }
                boolean qualified = i > 0 && tokens.get(i - 1).isSymbol(".");
                String name = token.text().toLowerCase(Locale.ROOT);
                if (qualified || token.kind() != Token.Kind.WORD) {
                    yield false; // a stored function, or what a name in quotes resolves to
                }
                boolean reads = name.equals("last_insert_id")
                        && i + 2 < tokens.size()
                        && tokens.get(i + 2).isSymbol(")");
                yield reads || PURE.contains(name) || STRUCTURE.contains(name);
            }
        };
    }

    /** Whether the name before this parenthesis is the table of {@code INSERT [INTO] [db.]table (columns)}. */
    private static boolean insertTarget(List<Token> tokens, int i) {
        int before = i > 2 && tokens.get(i - 1).isSymbol(".") ? i - 3 : i - 1;
        return before >= 0 && BEFORE_TARGET.contains(upper(tokens.get(before)));
    }

    private static boolean any(List<Token> tokens, String keyword) {
        return tokens.stream().anyMatch(token -> token.isWord(keyword));
    }

    private static String upper(Token token) {
        return token.kind() == Token.Kind.WORD ? token.text().toUpperCase(Locale.ROOT) : "";
    }
}
