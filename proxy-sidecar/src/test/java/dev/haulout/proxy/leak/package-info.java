/** Makes tests fail that lose a buffer: registered by service file for every test class of this module. */
package dev.haulout.proxy.leak;
