package dev.haulout.proxy.lua;

import org.luaj.vm2.Varargs;

/** A function that its task waits for. */
final class WaitingFunction extends Control {
    private final Library.Wait wait;

    WaitingFunction(Machine machine, String name, Library.Wait wait) {
        super(machine, name);
        this.wait = wait;
    }

    @Override
    Varargs enter(Varargs args) {
        machine.mayWait(name);
        return machine.await(wait.begin(new Args(machine, args)));
    }
}
