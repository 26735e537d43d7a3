/**
 * Files that survive a crash or a power cut whole: either what was there before, or what was meant to be. Uses
 * nothing of ours.
 */
package dev.haulout.proxy.durable;
