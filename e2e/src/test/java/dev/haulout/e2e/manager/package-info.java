/** The program as a service: how it stops, and what its manager does for those who connect meanwhile. */
package dev.haulout.e2e.manager;
