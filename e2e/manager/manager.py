"""A service manager in small, for tests: it keeps listening sockets and starts a program with them, again and again.

    manager.py ADDRESS... -- COMMAND...

An address is HOST:PORT or unix:PATH. The sockets are passed as systemd passes them (LISTEN_FDS), and so is where to report
(NOTIFY_SOCKET, in turns a path and an abstract name) and how often (WATCHDOG_USEC). On standard input it takes, a line each,
"start" and "term" (SIGTERM); the end of input terminates the program and then itself. On standard output it writes, a line
each, "said WHAT" for what the program reports and "ended STATUS".
"""
import os
import signal
import socket
import sys
import tempfile
import threading

WATCHDOG_MICROS = 1_500_000
FIRST = 3


def listen(address):
    if address.startswith("unix:"):
        path = address.removeprefix("unix:")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        os.chmod(path, 0o666)
    else:
        host, port = address.rsplit(":", 1)
        listener = socket.socket(socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, int(port)))
    listener.listen(4096)
    return listener


def say(line):
    print(line, flush=True)


def reports(name):
    """Writes down what is reported at a socket of that name, from then on."""
    receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    receiver.bind(name)

    def receive():
        while True:
            say("said " + receiver.recv(4096).decode().replace("\n", " "))

    threading.Thread(target=receive, daemon=True).start()


def main():
    divider = sys.argv.index("--")
    listeners = [listen(address) for address in sys.argv[1:divider]]
    command = sys.argv[divider + 1:]
    folder = tempfile.mkdtemp(prefix="hl-manager")
    path = folder + "/notify"
    abstract = "hl-manager-%d" % os.getpid()
    reports(path)
    reports("\0" + abstract)

    def give(starts):
        """In the new process: puts the sockets where they are looked for, and says so."""
        high = [os.dup2(listener.fileno(), 100 + at) for at, listener in enumerate(listeners)]
        for at, descriptor in enumerate(high):
            os.dup2(descriptor, FIRST + at, inheritable=True)
            os.close(descriptor)
        os.environ.update(
            LISTEN_FDS=str(len(listeners)),
            LISTEN_PID=str(os.getpid()),
            NOTIFY_SOCKET="@" + abstract if starts % 2 else path,
            WATCHDOG_USEC=str(WATCHDOG_MICROS))

    program = 0
    starts = 0
    try:
        for line in sys.stdin:
            match line.strip():
                case "start":
                    program = os.fork()
                    if program == 0:
                        give(starts)
                        os.dup2(2, 1)
                        os.execvp(command[0], command)
                    starts += 1
                case "term":
                    os.kill(program, signal.SIGTERM)
                    _, status = os.waitpid(program, 0)
                    program = 0
                    say("ended %d" % os.waitstatus_to_exitcode(status))
    finally:
        if program:
            os.kill(program, signal.SIGTERM)
            os.waitpid(program, 0)
        os.unlink(path)
        os.rmdir(folder)


main()
