/**
 * The release's own certificate authority, and what it signs: a certificate for each server, one for the operator and one
 * for the gateways. Keys are made here and leave as PEM; keeping them is for others. Uses nothing of ours.
 */
package dev.haulout.operator.certificate;
