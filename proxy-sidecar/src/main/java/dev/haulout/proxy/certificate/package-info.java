/**
 * Certificates: the release's own authority, what it signs for servers, operator and gateways, and what nobody else signs.
 * Keys are made here and leave as PEM; keeping them is for others. Uses nothing of ours.
 */
package dev.haulout.proxy.certificate;
