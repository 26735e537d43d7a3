/**
 * The pod waker: asks for an instance's server by a demand, reaches the pod as soon as it answers, by what watches and
 * the pod's own announcement tell, and notices its end. Speaks to no API itself: {@link
 * dev.haulout.proxy.wake.pod.Lookout} is told, {@link dev.haulout.proxy.wake.pod.Demands} asks. Uses {@code wake},
 * {@code backend} and {@code crd}.
 */
package dev.haulout.proxy.wake.pod;
