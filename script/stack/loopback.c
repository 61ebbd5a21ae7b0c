/*
 * Preloaded into pcscd so that the virtual reader listens on the loopback address only: its driver accepts a card
 * from any address, and has no setting for that. Its other mode (the reader connects to the card) is of no use:
 * the driver aborts the whole of pcscd as soon as nobody listens.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <sys/socket.h>

int bind(int socket, const struct sockaddr *address, socklen_t length)
{
    int (*real)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "bind");
    struct sockaddr_in local;

    if (address->sa_family != AF_INET || length < sizeof local)
        return real(socket, address, length);
    local = *(const struct sockaddr_in *)address;
    local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return real(socket, (const struct sockaddr *)&local, sizeof local);
}
