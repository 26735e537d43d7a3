/**
 * Statement texts, read only as far as a door needs: which are keep-alives, which change the session and how, and
 * what the server would have answered to those whose answer is certain without it. Uses nothing of ours.
 */
package dev.haulout.proxy.sql;
