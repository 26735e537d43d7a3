/** Connection pools at an instance that sleeps and wakes: idle ones must let it sleep, busy ones must not notice. */
package dev.haulout.e2e.pools;
