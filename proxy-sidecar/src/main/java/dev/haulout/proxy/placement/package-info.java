/**
 * What all placements of the proxy share: an instance's settings as its resource says them, what it greets with before
 * anything is known of it, its sessions counted and ended, and the record of what happens to it in log and metrics. Uses {@code
 * protocol}, {@code sql}, {@code wake}, {@code session}, {@code metrics} and {@code crd}.
 */
package dev.haulout.proxy.placement;
