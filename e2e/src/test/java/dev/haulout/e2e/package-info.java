/**
 * Tests across modules, as a user would see them: the program as a process of its own, real servers, foreign clients.
 */
package dev.haulout.e2e;
