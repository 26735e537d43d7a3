/** How the program reads and writes sockets: io_uring where the kernel allows it, epoll otherwise. Uses nothing of ours. */
package dev.haulout.proxy.transport;
