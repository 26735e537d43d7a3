package dev.haulout.operator.instance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LastLinesTest {
    @Test
    void theServersFirstErrorIsTheCause() {
        assertThat(LastLines.cause("""
                2026-11-21 04:34:36+00:00 [ERROR] [Entrypoint]: mariadbd failed while attempting to check config
                2026-11-21  4:34:36 0 [Warning] Could not open mysql.plugin table
                2026-11-21  4:34:36 0 [ERROR] mariadbd: unknown variable 'x=1'
                2026-11-21  4:34:36 0 [ERROR] Aborting
                haulout: the initialisation has failed with status 1
                """)).contains("mariadbd: unknown variable 'x=1'; correct spec.myCnf");
    }

    @Test
    void whatTheStartScriptRefusesIsTheCause() {
        assertThat(LastLines.cause("haulout: MariaDB 11.8.6 was here\nhaulout: use an image of 11.8.6 or newer\n"))
                .contains("use an image of 11.8.6 or newer");
    }

    @Test
    void theEntrypointsErrorIsBetterThanItsNotes() {
        assertThat(LastLines.cause("2026-11-21 04:34:36+00:00 [ERROR] [Entrypoint]: no password\nbye\n"))
                .contains("[Entrypoint]: no password");
    }

    @Test
    void anythingIsBetterThanNothing() {
        assertThat(LastLines.cause("Segmentation fault\n\n")).contains("Segmentation fault");
        assertThat(LastLines.cause(" \n")).isEmpty();
    }
}
