/** t. */
package dev.haulout.e2e;
