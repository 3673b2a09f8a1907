"""The process that workers are forked from: it imports the trainer once, so that a worker is soon ready.

Requests come through a socket pair: a byte with a file descriptor requests a worker that communicates through that
descriptor. It answers with the process id of each worker, and reports how each ended. It ends when the other end of its
socket is closed for any reason; its workers notice that by their own sockets.
"""

import os
import selectors
import signal
import socket
import sys
import traceback
from pathlib import Path

from app.engine.channel import Exited, Forked, pack
from app.engine.worker import work

# They are for the server, which ends all processes: from a terminal, or a service manager, they reach each of them.
IGNORED = (signal.SIGINT, signal.SIGTERM)


def main() -> None:
    """`argv`: the number of the socket, the folder of the prepared digits, the memory limit of a worker in bytes."""
    descriptor, prepared, memory_limit = sys.argv[1:]
    for each in IGNORED:
        signal.signal(each, signal.SIG_IGN)
    # The server has blocked them, so that they could not come before this.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, IGNORED)
    ended, ending = socket.socketpair()
    ended.setblocking(False)
    ending.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(ending.fileno(), warn_on_full_buffer=False)
    with socket.socket(fileno=int(descriptor)) as server, selectors.DefaultSelector() as selector:
        selector.register(server, selectors.EVENT_READ)
        selector.register(ended, selectors.EVENT_READ)
        while True:
            ready = [key.fileobj for key, _ in selector.select()]
            if ended in ready:
                ended.recv(4096)
                _report_ended(server)
            if server in ready:
                asked, descriptors, _, _ = socket.recv_fds(server, 1, 1)
                if not asked:
                    return
                with socket.socket(fileno=descriptors[0]) as theirs:
                    server.sendall(pack(_fork(theirs, [server, ended, ending], Path(prepared), int(memory_limit))))


def _fork(theirs: socket.socket, not_theirs: list[socket.socket], prepared: Path, memory_limit: int) -> Forked:
    try:
        pid = os.fork()
    except OSError as error:
        return Forked(None, error.strerror)
    if pid:
        return Forked(pid)
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for each in not_theirs:
            each.close()
        code = work(theirs, prepared, memory_limit)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _report_ended(server: socket.socket) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        server.sendall(pack(Exited(pid, os.waitstatus_to_exitcode(status))))
