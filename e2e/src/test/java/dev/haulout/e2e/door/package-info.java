/**
 * What holds at the door, tried from outside: crowds, strangers, logins, changed manifests, and servers that die or don't
 * start. Every instance here is a real server behind a real {@code haulout host}.
 */
package dev.haulout.e2e.door;
