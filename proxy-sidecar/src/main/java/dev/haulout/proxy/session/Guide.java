package dev.haulout.proxy.session;

import dev.haulout.proxy.account.Credential;
import dev.haulout.proxy.protocol.HandshakeResponse;
import dev.haulout.proxy.protocol.SqlError;
import dev.haulout.proxy.wake.Instance;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Leads the clients of a door that is scripted: what each is greeted with, to which instance it comes and as whom, and which
 * database it gets. What is asked is asked on the client's event loop; it may be answered at once or later, once, on any
 * thread. The client waits meanwhile, and nobody else does.
 */
public interface Guide {

    /** A client has come, and was not greeted yet. */
    Visit visit(Visitor visitor);

    /** One client's visit. */
    interface Visit {
        /** How to receive it. */
        void arrived(Consumer<Reception> then);

        /** Where to lead it, now that it has said who it wants to be. */
        void asked(HandshakeResponse response, Consumer<Lead> then);

        /**
         * It is logged in, and has been told so.
         *
         * @param version as its server tells it
         * @param then told whether it may stay
         */
        void loggedIn(Instance instance, String version, Consumer<Boolean> then);

        /** Whether {@link #database} is to be asked. */
        boolean choosesDatabases();

        /** It asks for another database (COM_INIT_DB). */
        void database(String name, Consumer<Choice> then);

        /** It has gone; whatever was asked of late needs no answer. */
        void left();
    }

    /** What a guide may know of a client and do with it. Any thread. */
    interface Visitor {
        /** Where it comes from. */
        ClientAddress address();

        /**
         * Asks the client for its password in clear, unless it has said it already.
         *
         * @param anywhere whether to ask also where others may listen: on a TCP connection without TLS from elsewhere
         * @param then told the password, on the client's event loop; empty where it is not to be asked for
         */
        void askPassword(boolean anywhere, Consumer<Optional<byte[]>> then);

        /**
         * Ends the connection, without a word where {@code error} is empty.
         *
         * @param error told to the client with its next command
         */
        void end(Optional<SqlError> error);
    }

    /** How a client is received. */
    sealed interface Reception {
        /** It is greeted with that version of a server; empty for the door's own. */
        record Greeted(Optional<String> version) implements Reception {}

        /** It is told no, and the connection ends. */
        record Refused(SqlError error) implements Reception {}
    }

    /** Where a client is led. */
    sealed interface Lead {
        /**
         * To the first of these instances whose server can be reached.
         *
         * @param user as whom
         * @param database empty for none
         * @param credential by what it is logged in; empty where the client proves itself
         */
        record To(List<Instance> instances, String user, String database, Optional<Credential> credential)
                implements Lead {
            public To {
                instances = List.copyOf(instances);
            }
        }

        /** It is told no, and the connection ends. */
        record Refused(SqlError error) implements Lead {}
    }

    /** What becomes of the wish for another database. */
    sealed interface Choice {
        /** It gets that one, if the server agrees. */
        record Use(String database) implements Choice {}

        /** It is told no, and keeps the one it has. */
        record Refused(SqlError error) implements Choice {}
    }
}
