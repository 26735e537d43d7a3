/** Files that survive a crash or a power cut whole: either what was there before, or what was meant to be. */
package dev.haulout.proxy.durable;
