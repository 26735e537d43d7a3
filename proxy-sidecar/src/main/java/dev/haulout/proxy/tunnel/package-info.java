/**
 * The way to an instance's door from outside the cluster, through the API server. Uses {@code crd}.
 */
package dev.haulout.proxy.tunnel;
