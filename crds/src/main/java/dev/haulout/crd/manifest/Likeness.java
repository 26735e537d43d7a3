package dev.haulout.crd.manifest;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the word that was probably meant by a misspelt one. */
final class Likeness {
    /** Longer words are no misspelt field, and comparing them would cost memory. */
    private static final int LONGEST = 64;

    private static final int SHORTEST_BEGINNING = 4;

    private Likeness() {}

    /**
     * The known word nearest to the given one, if any is near or begins with it: case, '-' and '_' count for nothing.
     */
    static Optional<String> nearest(String word, Collection<String> known) {
        if (word.length() > LONGEST) {
            return Optional.empty();
        }
        String bare = bare(word);
        int near = 1 + bare.length() / 4;
        return known.stream()
                .filter(candidate -> distance(bare, bare(candidate)) <= near
                        || (bare.length() >= SHORTEST_BEGINNING
                                && bare(candidate).startsWith(bare)))
                .min(Comparator.comparingInt((String candidate) -> distance(bare, bare(candidate)))
                        .thenComparing(Comparator.naturalOrder()));
    }

    /** Whether two words differ in nothing but case, '-' and '_'. */
    static boolean same(String one, String other) {
        return bare(one).equals(bare(other));
    }

    private static String bare(String word) {
        return word.replaceAll("[-_]", "").toLowerCase(Locale.ROOT);
    }

    /** Letters to insert, delete, replace or swap with their neighbour to get from one word to the other. */
    private static int distance(String a, String b) {
        int[][] steps = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    steps[i][j] = i + j;
                    continue;
                }
                int replace = steps[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                steps[i][j] = Math.min(replace, 1 + Math.min(steps[i - 1][j], steps[i][j - 1]));
                boolean swapped =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                if (swapped) {
                    steps[i][j] = Math.min(steps[i][j], 1 + steps[i - 2][j - 2]);
                }
            }
        }
        return steps[a.length()][b.length()];
    }
}
