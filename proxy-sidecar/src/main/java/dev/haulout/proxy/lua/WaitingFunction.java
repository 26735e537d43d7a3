package dev.haulout.proxy.lua;

import org.luaj.vm2.Varargs;

/** A function that its task waits for. */
final class WaitingFunction extends Control {
    private final Library.Wait wait;
    private final boolean mayBlock;

    WaitingFunction(Machine machine, String name, Library.Wait wait, boolean mayBlock) {
        super(machine, name);
        this.wait = wait;
        this.mayBlock = mayBlock;
    }

    @Override
    Varargs enter(Varargs args) {
        if (mayBlock) {
            return machine.awaitOrBlock(wait.begin(new Args(machine, args)));
        }
        machine.mayWait(name);
        return machine.await(wait.begin(new Args(machine, args)));
    }
}
