package dev.haulout.proxy.sidecar;

import dev.haulout.proxy.wake.Instance;
import dev.haulout.proxy.wake.InstanceEvents;
import dev.haulout.proxy.wake.LastWake;

/** Records nothing: what wakes and sleeps is the instance behind the gateway, and that one tells. */
final class Quiet implements InstanceEvents {
    @Override
    public void wakeBegins(Instance instance, String why) {}

    @Override
    public void wakeEnded(Instance instance, LastWake wake) {}

    @Override
    public void wakeMissed(Instance instance) {}

    @Override
    public void tookOver(Instance instance) {}

    @Override
    public void asleep(Instance instance, boolean expected) {}
}
