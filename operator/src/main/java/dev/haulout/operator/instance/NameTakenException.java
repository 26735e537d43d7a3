package dev.haulout.operator.instance;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import java.util.Optional;

/** An object that an instance needs is there under its name already, and is not the instance's. */
final class NameTakenException extends Exception {
    private static final long serialVersionUID = 1L;

    NameTakenException(HasMetadata found) {
        super(message(found));
    }

    private static String message(HasMetadata found) {
        String name = found.getMetadata().getName();
        Optional<OwnerReference> owner = OwnedObjects.controller(found);
        return "the " + found.getKind() + " " + name + " is there already and "
                + owner.map(of -> "belongs to the " + of.getKind() + " " + of.getName())
                        .orElse("was not made for this instance")
                + "; it is left as it is: give the instance another name, or remove the " + found.getKind();
    }

    /** As a condition tells it. */
    Trouble trouble() {
        return new Trouble(FailureReason.NAME_TAKEN, getMessage(), true);
    }
}
