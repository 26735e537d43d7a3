/** {@code haulout demo} as a process of its own: what it prints, and what it leaves behind. */
package dev.haulout.e2e.demo;
