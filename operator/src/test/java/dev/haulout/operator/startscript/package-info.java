/** The pod's start script, run outside a pod against the installed server. */
package dev.haulout.operator.startscript;
